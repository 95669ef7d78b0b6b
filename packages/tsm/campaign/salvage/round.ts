import { join } from 'node:path';
import { type DoubtfulPoints, openDataDirectory, type SalvageLoss, type WalCut } from '@ceres/tsm';
import { addColumn, type Content } from '../fuzz/content';
import type { Strike } from './strike';
import { contentOfShard, keyName, type Piece, type ShardTruth, shardOf, type Truth } from './truth';

/** What a round found. */
export interface RoundReport {
  /** Points that the struck shards held, and those that came out of them. */
  readonly points: number;
  readonly rescued: number;
  /** Points that were set aside as doubtful. */
  readonly doubtful: number;
  /** Values that came out under a series or a field that never had them. */
  readonly renames: number;
  /** Values of a WAL that came out altered: it carries no checksum. */
  readonly altered: number;
  /** Values that had been deleted, and came back because what deletes them is damaged. */
  readonly returned: number;
  readonly losses: readonly SalvageLoss[];
  /** What breaks a promise, each a sentence. */
  readonly faults: readonly string[];
}

interface Answer {
  readonly shards: ReadonlyMap<string, { readonly points: Content; readonly cuts: readonly WalCut[] }>;
  readonly losses: readonly SalvageLoss[];
  readonly doubtful: Content;
}

/** Reads a directory that was struck, and holds what comes out against the truth. */
export async function round(root: string, truth: Truth, struck: Strike): Promise<RoundReport> {
  const answer = await salvage(root, struck);
  const counts = { points: 0, rescued: 0, doubtful: pointsIn(answer.doubtful), renames: 0, altered: 0, returned: 0 };
  const faults: string[] = [];
  for (const [shard, { points, cuts }] of answer.shards) {
    const known = truth.shards.get(shard);
    if (known === undefined) {
      faults.push(`The shard ${shard} came out, and was never there.`);
      continue;
    }
    counts.points += pointsIn(known.points);
    counts.rescued += pointsIn(points);
    judgeValues(points, known, struck, counts, faults);
    // An altered time or name in a WAL takes a point away from where it was.
    if (counts.altered === 0) judgeMissing(points, cuts, known, answer, struck, faults);
  }
  return { ...counts, losses: answer.losses, faults: faults.map((fault) => `${describe(struck)}: ${fault}`) };
}

function describe({ kind, path, at }: Strike): string {
  return `${kind} of ${path} at ${at}`;
}

/** Reads the shard that was struck; all of them if the file belongs to none. */
async function salvage(root: string, { path }: Strike): Promise<Answer> {
  const struckShard = shardOf(path);
  const losses: SalvageLoss[] = [];
  const doubtful: Content = new Map();
  const container = await openDataDirectory(join(root, 'data'), {
    salvage: {
      onLoss: (loss) => losses.push(loss),
      onDoubtful: ({ seriesKey, field, column }: DoubtfulPoints) =>
        addColumn(doubtful, keyName(seriesKey, field), column),
    },
  });
  const shards = new Map<string, { points: Content; cuts: readonly WalCut[] }>();
  for (const stored of container.shards) {
    const name = `${stored.database}/${stored.retentionPolicy}/${stored.id}`;
    if (struckShard !== undefined && name !== struckShard) continue;
    const shard = await stored.open();
    shards.set(name, { points: await contentOfShard(shard), cuts: shard.walCuts });
  }
  return { shards, losses, doubtful };
}

/** Every value must be one that was in, under its own series and field. */
function judgeValues(
  points: Content,
  known: ShardTruth,
  { path }: Strike,
  counts: { renames: number; altered: number; returned: number },
  faults: string[],
): void {
  for (const [key, values] of points) {
    for (const [time, value] of values) {
      if (known.points.get(key)?.get(time) === value) continue;
      const wasIn = known.everything.get(key)?.get(time)?.has(value) === true;
      const isDeleted = wasIn && known.points.get(key)?.has(time) !== true;
      if (isDeleted) counts.returned += 1;
      else if (wasIn)
        continue; // A value that a lost one had replaced.
      else if (path.endsWith('.wal')) counts.altered += 1;
      else if (known.everything.has(key)) faults.push(`${key} at ${time} is ${value}, which was never there.`);
      else counts.renames += 1;
      if (isDeleted && !/\.(?:tombstone|wal)$/.test(path)) faults.push(`${key} at ${time} was deleted, and came back.`);
    }
  }
}

/** A point may only be missing if it was hit, and then a loss must name it. */
function judgeMissing(
  points: Content,
  cuts: readonly WalCut[],
  known: ShardTruth,
  { losses, doubtful }: Answer,
  struck: Strike,
  faults: string[],
): void {
  const survivors = (known.pieces.get(struck.path) ?? []).filter((piece) => !isHit(piece, struck));
  for (const { key, times } of survivors) {
    const lost = times.find(
      (time) => known.points.get(key)?.has(time) && !has(points, key, time) && !has(doubtful, key, time),
    );
    if (lost !== undefined) faults.push(`${key} at ${lost} was left behind, although its block and its entry survive.`);
  }
  for (const [key, values] of known.points) {
    for (const time of values.keys()) {
      // A renamed key is named by its new name, with the same times.
      if (has(points, key, time) || [...doubtful.values()].some((times) => times.has(time))) continue;
      if (known.holders.get(struck.path)?.get(key)?.has(time) !== true)
        faults.push(`${key} at ${time} is missing, and was not struck.`);
      else if (cuts.length === 0 && !losses.some((loss) => names(loss, key, time, struck)))
        faults.push(`${key} at ${time} is missing, and no loss names it.`);
      else continue;
      break;
    }
  }
}

function isHit({ ranges }: Piece, { kind, at }: Strike): boolean {
  if (kind === 'removal') return true;
  return ranges.some(([from, to]) => (kind === 'cut' ? at < to : at >= from && at < to));
}

function names(
  { file, key, minTimeNs, maxTimeNs }: SalvageLoss,
  wanted: string,
  time: bigint,
  { path }: Strike,
): boolean {
  if (!file.includes(path.replace(/\/[^/]+$/, ''))) return false;
  if (key !== undefined && Buffer.from(key).toString('latin1') !== wanted) return false;
  return (minTimeNs === undefined || minTimeNs <= time) && (maxTimeNs === undefined || maxTimeNs >= time);
}

function has(content: Content, key: string, time: bigint): boolean {
  return content.get(key)?.has(time) === true;
}

function pointsIn(content: Content): number {
  let points = 0;
  for (const { size } of content.values()) points += size;
  return points;
}
