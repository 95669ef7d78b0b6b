import type { PolicySchema } from '@ceres/lineproto';
import type { ObjectReader, Partition } from '@ceres/storage';

/** Which part of a backup is meant. What is left out does not filter. */
export interface Selection {
  readonly storage: ObjectReader;
  /** The source server, as named in the keys. */
  readonly instance: string;
  readonly databases?: readonly string[];
  /** `''` is the default policy. */
  readonly retentionPolicies?: readonly string[];
  readonly measurements?: readonly string[];
  /** Times of points, [from, to), ns since the epoch. Only records inside are replayed, wherever their file stands. */
  readonly from?: bigint;
  readonly to?: bigint;
  /** Times of files, [openedFrom, openedBefore), ms since the epoch: the backup as of a moment. */
  readonly openedFrom?: number;
  readonly openedBefore?: number;
  /** One part of `of`, `index` from 0, divided by database: the parts can be restored on different machines. */
  readonly shard?: { readonly index: number; readonly of: number };
  readonly signal?: AbortSignal;
}

export interface PlannedFile extends Partition {
  readonly key: string;
  /** The UUID in the key. */
  readonly id: string;
  readonly sizeBytes: number;
}

/** What a plan holds of one database and policy. */
export interface PartitionPlan extends Partition {
  readonly files: number;
  readonly bytes: number;
  /** YYYYMMDD, UTC, of the first and last file. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** As the newest file tells it. */
  readonly policy?: PolicySchema;
}

export interface RestorePlan {
  /** Of the selection: planned again, also while new files arrive, it is the same, so that a journal can be resumed. */
  readonly id: string;
  readonly partitions: readonly PartitionPlan[];
  readonly files: number;
  /** As stored, compressed. */
  readonly bytes: number;
  /** Names that are no backup file's. */
  readonly skippedNames: number;
  /** Files whose name does not tell when they were opened: they go by day, then by creation time. */
  readonly weaklyOrderedFiles: number;
  /** In replay order, listed again up to the newest name of the plan. */
  list(): AsyncIterable<PlannedFile>;
}
