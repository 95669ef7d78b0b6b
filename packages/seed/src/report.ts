import { createHash } from 'node:crypto';
import type { Precision } from '@ceres/lineproto';
import type { SeedManifest, SeedPartition } from '@ceres/storage/internal';
import type { DoneShard, JournalFile } from './journal/entries';
import type { SeedPlan } from './plan';

/** What became of a seed. */
export interface SeedReport {
  /** The id of the seed, which its manifest and its files name. */
  readonly id: string;
  /** The key of its manifest. */
  readonly manifest: string;
  /** Every write that reached the source before this moment is in the backup now, in ms since the epoch. */
  readonly takenMs: number;
  /** The precision of its files, but for those of shards with finer times, which are in `ns`. */
  readonly precision: Precision;
  readonly shards: number;
  readonly files: number;
  readonly points: number;
  /** The bytes of the files. */
  readonly bytes: number;
  readonly partitions: readonly SeedPartition[];
  /** What of the source is not in the seed, a sentence each. */
  readonly losses: readonly string[];
  /** The checks of names that could not be made, each a sentence: nothing is lost by it. */
  readonly unchecked: readonly string[];
  /**
   * True if a sink was open at `takenMs`, so that from then on the backup has what is written through tees; false if none was: what was written before one
   * was opened is in neither. `undefined` if the backup cannot be read.
   */
  readonly wasSinkOpen: boolean | undefined;
  /** True if every file was read back, and has the digest of what was read from the source; false if the credential cannot read. */
  readonly isProven: boolean;
  /** True if an earlier run had finished it. */
  readonly wasFinished: boolean;
  readonly elapsedMs: number;
}

/** Returns what the shards hold, by database and policy. */
export function partitionsOf(done: readonly DoneShard[], plan: SeedPlan): readonly SeedPartition[] {
  const byName = new Map<string, DoneShard[]>();
  for (const one of done) {
    const name = JSON.stringify([one.shard.database, one.shard.retentionPolicy]);
    byName.set(name, [...(byName.get(name) ?? []), one]);
  }
  return [...byName.values()].map((shards) => {
    const { database, retentionPolicy, isDefault } = plan.partitionOf((shards[0] as DoneShard).shard);
    const files = shards.flatMap((shard) => shard.files);
    const times = files.flatMap(({ firstNs, lastNs }) => [firstNs, lastNs]);
    const [firstNs, lastNs] = [times.reduce(least, times[0] ?? 0n), times.reduce(greatest, times[0] ?? 0n)];
    const lines = files.reduce((sum, file) => sum + file.lines, 0);
    return { database, retentionPolicy, isDefault, lines, firstNs, lastNs, digest: digestOf(files) };
  });
}

/** Returns the digest of the lines of files: the SHA-256 of theirs, in the order of their names. */
function digestOf(files: readonly JournalFile[]): string {
  const hash = createHash('sha256');
  for (const { key, sha256 } of [...files].sort((a, b) => (a.key < b.key ? -1 : 1))) hash.update(`${key} ${sha256}\n`);
  return hash.digest('hex');
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function greatest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Returns what a manifest says of its files: only what its format has. */
export function manifestFiles(done: readonly DoneShard[]): SeedManifest['files'] {
  return done.flatMap(({ files }) => files.map(({ sha256: _, ...file }) => file));
}
