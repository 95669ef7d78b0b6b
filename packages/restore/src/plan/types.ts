import type { PolicySchema } from '@ceres/lineproto';
import type { ObjectReader, Partition } from '@ceres/storage';
import type { FileFinding } from '../read/finding';

/** Says which part of a backup to work on. What is left out does not filter. */
export interface Selection {
  readonly storage: ObjectReader;
  /** The server that was backed up, as the keys name it. */
  readonly instance: string;
  readonly databases?: readonly string[];
  /** `''` is the default policy. */
  readonly retentionPolicies?: readonly string[];
  readonly measurements?: readonly string[];
  /** Times of points, [from, until), ns since the epoch. Only records inside are replayed, whichever file holds them. */
  readonly from?: bigint;
  readonly until?: bigint;
  /** Times of files, [openedFrom, openedBefore), ms since the epoch: the backup as it was at a moment. */
  readonly openedFrom?: number;
  readonly openedBefore?: number;
  /** Part `index` (from 0) of `of`, divided by database, so that different machines can restore the parts. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** Keys of files to leave out. */
  readonly exclude?: readonly string[];
  /** Lifecycle rules delete files after this time, in ms: older ones are not missing. Default: files never expire. */
  readonly keepMs?: number;
  /** The ids of sinks that are gone for good: they are not silent. */
  readonly retired?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface PlannedFile extends Partition {
  readonly key: string;
  /** The UUID in the key. */
  readonly id: string;
  readonly sizeBytes: number;
}

/** The part of a plan that belongs to one database and policy. */
export interface PartitionPlan extends Partition {
  readonly files: number;
  readonly bytes: number;
  /** The days of the first and last file, UTC, as YYYYMMDD. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** The policies that its files switch between, as far as they are selected; `retentionPolicy` is `''` then. Absent where files are of one policy. */
  readonly mixed?: readonly string[];
  /** When its newest seed was taken, in ms since the epoch, if it has no other files: no sink writes it. */
  readonly seedTakenMs?: number;
  /** The policy's schema, as the newest file tells it. */
  readonly policy?: PolicySchema;
}

/** Returns the names of the policies that a partition's files hold; `''` is the default policy. */
export function policyNamesOf({ retentionPolicy = '', mixed }: PartitionPlan): readonly string[] {
  return mixed ?? [retentionPolicy];
}

export interface RestorePlan {
  /** Identifies the selection. It stays the same while new files arrive, so that a journal can be resumed. */
  readonly id: string;
  readonly partitions: readonly PartitionPlan[];
  readonly files: number;
  /** The size of the files as stored, compressed. */
  readonly bytes: number;
  /** What the sinks' ledgers say is missing of what is selected. */
  readonly missing: readonly FileFinding[];
  /** The lost files among what is selected that a later seed has made up for: nothing is missing by them. */
  readonly closed: readonly FileFinding[];
  /** How many listed names are not names of backup files. */
  readonly skippedNames: number;
  /** How many names do not tell when their file was opened: such files are ordered by day, then by creation time. */
  readonly weaklyOrderedFiles: number;
  /** Lists the files again, in replay order, up to the newest name of the plan. */
  list(): AsyncIterable<PlannedFile>;
}
