import { countOf } from '@ceres/internal';
import { nameObstacle, nanosecondsPer } from '@ceres/lineproto';
import { formatKey } from '@ceres/storage';
import type { DoubtfulPoints } from '@ceres/tsm';
import type { DoneShard, JournalFile } from '../journal/entries';
import type { Journal } from '../journal/journal';
import type { WorkFolder } from '../journal/work-folder';
import { selectedPoints } from '../lines/selected-points';
import { type RefusedPoint, ShardLines } from '../lines/shard-lines';
import type { ResolvedSeed } from '../options';
import type { PlannedPartition, SeedPlan } from '../plan';
import { recordsOf } from '../quarantine/records';
import { ShardQuarantine } from '../quarantine/shard-quarantine';
import type { OpenShard, SeedShard } from '../source/contract';
import { type CutFile, FileCutter } from './file-cutter';
import { Jobs } from './jobs';
import { packFile } from './packed-file';
import { type FileName, ShardStore } from './shard-store';

/** What copying shards needs. */
export interface CopyParts {
  readonly settings: ResolvedSeed;
  readonly plan: SeedPlan;
  readonly journal: Journal;
  readonly folder: WorkFolder;
  /** Returns how many files of a partition are done: the next one has the sequence after them. */
  filesOf(partition: PlannedPartition): number;
  /** Is called with points as they are read. */
  onPoints(points: number): void;
}

/** The refused points of a shard that are named one by one; the others are counted. */
const refusedNamed = 20;

/**
 * Copies one shard: reads it series by series, makes files of its lines, and puts them. What no line can carry, and what may belong to another series,
 * goes to the quarantine. Resolves when the storage has all of it.
 *
 * @throws TsmError or InfluxHttpError for a source that cannot be read, StorageError once retrying has not helped, the file system's errors, the signal's reason
 */
export async function copyShard(shard: SeedShard, parts: CopyParts): Promise<DoneShard> {
  const store = new ShardStore(parts.plan.partitionOf(shard), parts);
  const quarantine = new ShardQuarantine(store);
  try {
    const opened = await parts.settings.pace.waitFor(shard.open((points) => keepDoubtful(points, quarantine)));
    try {
      return await copyOpened(opened, shard, { parts, store, quarantine });
    } finally {
      await opened.close();
    }
  } finally {
    await quarantine.close();
  }
}

/** Puts doubtful points aside. */
async function keepDoubtful(points: DoubtfulPoints, quarantine: ShardQuarantine): Promise<void> {
  for (const record of recordsOf(points)) {
    quarantine.add('DOUBTFUL', record);
    await quarantine.settle();
  }
}

async function copyOpened(
  opened: OpenShard,
  { database, retentionPolicy, id }: SeedShard,
  {
    parts,
    store,
    quarantine,
  }: { readonly parts: CopyParts; readonly store: ShardStore; readonly quarantine: ShardQuarantine },
): Promise<DoneShard> {
  const { settings, journal } = parts;
  const refused = new RefusedPoints();
  const files = new ShardFiles(store, parts);
  let points = 0;
  try {
    const lines = new ShardLines(journal.header.precision, (point) => {
      refused.add(point);
      quarantine.add('SYNTAX', point.record);
    });
    const cutter = new FileCutter(settings);
    for await (const batch of selectedPoints(opened, settings)) {
      settings.signal?.throwIfAborted();
      for (const piece of lines.of(batch, settings.segmentBytesMax)) {
        const { cut, ready } = cutter.add(piece);
        if (cut !== undefined) await files.take(cut);
        await ready;
      }
      await quarantine.settle();
      await settings.pace.pause();
      points += batch.length;
      parts.onPoints(batch.length);
    }
    const last = cutter.end();
    if (last !== undefined) await files.take(last);
    const stored = await files.end();
    const kept = await quarantine.end();
    const losses = [...opened.losses, ...refused.sentences(), ...kept.map(keptText)];
    return { shard: { database, retentionPolicy, id }, files: stored, points: points - refused.count, losses };
  } finally {
    await files.settle();
  }
}

function keptText(key: string): string {
  return `the points that no line can carry, and the doubtful ones, are kept in the quarantine, in ${key}`;
}

/** Packs and puts the files of one shard, several at once, in names that sort in the order of their lines. */
class ShardFiles {
  readonly #store: ShardStore;
  readonly #parts: CopyParts;
  readonly #jobs: Jobs;
  readonly #files: JournalFile[] = [];
  #count = 0;

  constructor(store: ShardStore, parts: CopyParts) {
    this.#store = store;
    this.#parts = parts;
    this.#jobs = new Jobs(parts.settings.uploadConcurrency);
  }

  async take(cut: CutFile): Promise<void> {
    const name = await this.#store.nextName();
    const at = this.#count;
    this.#count += 1;
    const sequence = BigInt(this.#parts.filesOf(this.#store.partition) + at + 1);
    await this.#jobs.begin(async () => {
      this.#files[at] = await this.#put(cut, name, sequence);
    });
  }

  async end(): Promise<readonly JournalFile[]> {
    await this.#jobs.end();
    return this.#files;
  }

  settle(): Promise<void> {
    return this.#jobs.settle();
  }

  async #put(
    { lines, precision, summary, notImportable }: CutFile,
    { id, day, path }: FileName,
    sequence: bigint,
  ): Promise<JournalFile> {
    const { database, retentionPolicy } = this.#store.partition;
    const obstacles = [database, retentionPolicy].map(nameObstacle).filter((one) => one !== undefined);
    const header = {
      ...this.#store.headerOf(precision),
      sequence,
      summary,
      notImportable: [...obstacles, ...notImportable],
    };
    const { body, sha256 } = await packFile(path, header, lines);
    const key = formatKey({ instance: this.#parts.settings.instance, database, retentionPolicy, day, id });
    await this.#store.put(key, path, body);
    const { sizeBytes: bytes, md5: digest } = body;
    const unit = nanosecondsPer[precision];
    const [firstNs, lastNs] = [summary.firstTimestamp * unit, summary.lastTimestamp * unit];
    return { key, bytes, digest, lines: summary.lines, firstNs, lastNs, sha256 };
  }
}

/** Names the points of one shard that no line can carry. */
class RefusedPoints {
  readonly #sentences: string[] = [];
  count = 0;

  add({ seriesKey, timeNs, reason }: RefusedPoint): void {
    this.count += 1;
    if (this.count > refusedNamed) return;
    this.#sentences.push(`no line can carry the point of ${JSON.stringify(seriesKey)} at ${timeNs}: ${reason}`);
  }

  sentences(): readonly string[] {
    const more = this.count - refusedNamed;
    return more > 0 ? [...this.#sentences, `no line can carry ${countOf(more, 'more point')}`] : this.#sentences;
  }
}
