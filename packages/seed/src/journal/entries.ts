import type { Precision } from '@ceres/lineproto';
import type { SeedFile } from '@ceres/storage/internal';

/** What must be the same for a seed to go on. */
export interface SeedIdentity {
  readonly instance: string;
  readonly source: string;
  readonly again: boolean;
  readonly databases: readonly string[] | null;
  readonly retentionPolicies: readonly string[] | null;
  readonly measurements: readonly string[] | null;
  readonly from: string | null;
  readonly until: string | null;
}

/** The first line of a journal. */
export interface JournalHeader {
  readonly seed: 1;
  /** The id of the seed, and the writer of its files. */
  readonly id: string;
  readonly identity: SeedIdentity;
  readonly takenMs: number;
  /** The precision of files whose times it can hold. */
  readonly precision: Precision;
  /** The ms in the names of all files of a later seed; absent for a first one, whose names count. */
  readonly namesMs?: number;
  /** The first number that a name may have. */
  readonly firstNumber: number;
}

/** A shard, as a journal names it. */
export interface JournalShard {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly id: number;
}

/** A file of a shard. */
export interface JournalFile extends SeedFile {
  /** The SHA-256 of its lines, as they came from the source. */
  readonly sha256: string;
}

/** What is known of a shard that is done. */
export interface DoneShard {
  readonly shard: JournalShard;
  /** Sorted by their lines' place in the shard. */
  readonly files: readonly JournalFile[];
  readonly points: number;
  readonly losses: readonly string[];
}
