import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { countOf, ifExists } from '@ceres/internal';
import { SeedError } from './errors';
import { WorkFolder } from './journal/work-folder';
import { selectedPoints } from './lines/selected-points';
import { ShardLines } from './lines/shard-lines';
import { type ResolvedSeed, resolveSeedOptions, type SeedOptions } from './options';
import { planSeed, type SeedPlan } from './plan';
import { Progress } from './progress';
import type { SeedShard } from './source/contract';

const compressed = promisify(gzip);

/** What a seed would read and write. */
export interface SeedPreview {
  readonly takenMs: number;
  readonly shards: number;
  /** The series of each database and policy, together. */
  readonly series: number;
  readonly points: number;
  /** The bytes of the lines. */
  readonly lineBytes: number;
  /** About how many bytes the files would have, by a sample of each shard. */
  readonly fileBytes: number;
  /** What the work folder needs; what the shards need of it is left out where their sizes are not known. */
  readonly scratchBytes: number;
  /** About how long reading and compressing would take here, beside what else runs now, without the time for the storage. */
  readonly durationMs: number;
  /** What of the source would not be in the seed, a sentence each. */
  readonly losses: readonly string[];
  /** The checks of names that could not be made, each a sentence: nothing is lost by it. */
  readonly unchecked: readonly string[];
}

/** The bytes of lines that are compressed of each shard. */
const sampleBytes = 1024 * 1024;

/**
 * Reads everything that a seed would, counts it, and stores nothing: every block is read and checked, so this is also a check of a backup folder or of a data directory.
 *
 * @throws SeedError, TsmError as `seed`; the signal's reason
 */
export async function previewSeed(options: SeedOptions): Promise<SeedPreview> {
  const settings = resolveSeedOptions(options);
  const folder = await WorkFolder.take(settings.workDir);
  try {
    return await readAll(settings);
  } finally {
    await folder.release();
    await folder.removeIfEmpty();
  }
}

async function readAll(settings: ResolvedSeed): Promise<SeedPreview> {
  const plan = planSeed(await settings.openSource(), settings);
  const startedMs = settings.clock.now();
  const progress = new Progress('read', plan.shards, settings);
  const losses = [...plan.leftOut];
  const counts = { series: 0, points: 0, lineBytes: 0 };
  const sample = { lineBytes: 0, fileBytes: 0, ms: 0 };
  let series = new Set<string>();
  let partition = '';
  for (const shard of plan.shards) {
    const own = JSON.stringify([shard.database, shard.retentionPolicy]);
    if (own !== partition) series = new Set();
    partition = own;
    const before = series.size;
    const read = await readShard(shard, settings, series, (points) => progress.points(points));
    counts.series += series.size - before;
    counts.points += read.points;
    counts.lineBytes += read.lineBytes;
    losses.push(...read.losses.map((loss) => `${shard.database}.${shard.retentionPolicy}, shard ${shard.id}: ${loss}`));
    const samplingMs = settings.clock.now();
    sample.fileBytes += (await compressed(read.sample, { level: settings.gzipLevel })).length;
    sample.ms += settings.clock.now() - samplingMs;
    sample.lineBytes += read.sample.length;
    progress.shard(shard, false);
  }
  const readMs = settings.clock.now() - startedMs - sample.ms;
  const share = sample.lineBytes === 0 ? 0 : counts.lineBytes / sample.lineBytes;
  return {
    takenMs: plan.source.takenMs,
    shards: plan.shards.length,
    ...counts,
    fileBytes: Math.round(sample.fileBytes * share),
    scratchBytes: scratchBytesOf(plan, settings),
    durationMs: Math.round(durationOf(readMs, sample.ms * share, settings)),
    losses,
    unchecked: plan.source.unchecked,
  };
}

/** Returns how long reading and compressing take together, in ms. */
function durationOf(readMs: number, compressMs: number, { pace, load }: ResolvedSeed): number {
  // Blocks are compressed on other threads while the next lines are read; beside other programs, in turns with it.
  return pace.isShared ? readMs + (compressMs * 100) / load : Math.max(readMs, compressMs);
}

interface ReadShard {
  readonly points: number;
  readonly lineBytes: number;
  readonly losses: readonly string[];
  readonly sample: Uint8Array;
}

async function readShard(
  shard: SeedShard,
  settings: ResolvedSeed,
  series: Set<string>,
  onPoints: (points: number) => void,
): Promise<ReadShard> {
  const refused = { points: 0 };
  const lines = new ShardLines(settings.precision ?? 'ns', () => {
    refused.points += 1;
  });
  const sample: Buffer[] = [];
  let [points, lineBytes, sampled] = [0, 0, 0];
  const opened = await settings.pace.waitFor(shard.open());
  try {
    for await (const batch of selectedPoints(opened, settings)) {
      settings.signal?.throwIfAborted();
      series.add(Buffer.from(batch.seriesKey).toString('latin1'));
      for (const { bytes } of lines.of(batch, settings.segmentBytesMax)) {
        lineBytes += bytes.length;
        if (sampled >= sampleBytes) continue;
        sample.push(Buffer.from(bytes));
        sampled += bytes.length;
      }
      points += batch.length;
      onPoints(batch.length);
      await settings.pace.pause();
    }
    const losses = refused.points === 0 ? [] : [`no line can carry ${countOf(refused.points, 'point')}`];
    return { points, lineBytes, losses: [...opened.losses, ...losses], sample: Buffer.concat(sample) };
  } finally {
    await opened.close();
  }
}

/** Returns the space for the largest shard, which an archive is unpacked for, and for the files on their way. */
function scratchBytesOf({ source, shards }: SeedPlan, settings: ResolvedSeed): number {
  const isUnpacked = source.kind === 'snapshot' || source.kind === 'portable';
  const largest = shards.reduce((most, { sizeBytes = 0 }) => Math.max(most, sizeBytes), 0);
  return (isUnpacked ? largest : 0) + settings.uploadConcurrency * settings.segmentBytesMax;
}

/**
 * Refuses to begin where the disk of the work folder is too small.
 *
 * @throws SeedError `SCRATCH_FULL`
 */
export async function refuseLackOfSpace(plan: SeedPlan, settings: ResolvedSeed): Promise<void> {
  const needed = scratchBytesOf(plan, settings);
  let folder = resolve(settings.workDir);
  let status = await ifExists(statfs(folder));
  for (; status === undefined && folder !== dirname(folder); status = await ifExists(statfs(folder))) {
    folder = dirname(folder);
  }
  if (status === undefined || needed <= status.bavail * status.bsize) return;
  throw new SeedError(
    'SCRATCH_FULL',
    `The work folder ${settings.workDir} needs up to ${needed} bytes, and its disk has ${status.bavail * status.bsize} free. Free some space, choose another folder with workDir (--work-dir), or make smaller files with segmentBytesMax (--segment-bytes-max).`,
  );
}
