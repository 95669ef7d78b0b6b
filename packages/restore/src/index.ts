// @ceres/restore

import type { InfluxServer } from '@ceres/influx-http';
import type { PolicySchema, Precision } from '@ceres/lineproto';
import type { ObjectReader, Partition } from '@ceres/storage';

export interface Selection {
  readonly storage: ObjectReader;
  readonly instance: string;
  readonly databases?: readonly string[];
  readonly retentionPolicies?: readonly string[];
  readonly measurements?: readonly string[];
  /** Times of points, [from, to), ns since the epoch. */
  readonly from?: bigint;
  readonly to?: bigint;
  /** Times of files, [openedFrom, openedBefore), ms since the epoch. */
  readonly openedFrom?: number;
  readonly openedBefore?: number;
  readonly shard?: { readonly index: number; readonly of: number };
  readonly signal?: AbortSignal;
}
export interface PlannedFile extends Partition {
  readonly key: string;
  readonly id: string;
  readonly sizeBytes: number;
}
export interface PartitionPlan extends Partition {
  readonly files: number;
  readonly bytes: number;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly policy?: PolicySchema;
}
export interface RestorePlan {
  readonly id: string;
  readonly partitions: readonly PartitionPlan[];
  readonly files: number;
  readonly bytes: number;
  readonly skippedNames: number;
  readonly weaklyOrderedFiles: number;
  /** In replay order, listed again up to the newest name of the plan. */
  list(): AsyncIterable<PlannedFile>;
}
export declare function planRestore(selection: Selection): Promise<RestorePlan>;

export interface RestoreProgress {
  readonly files: number;
  readonly filesTotal: number;
  readonly lines: number;
  readonly bytes: number;
  readonly bytesTotal: number;
  readonly linesPerSecond: number;
  readonly etaMs: number | undefined;
}
export interface RestoreOptions {
  readonly target: InfluxServer;
  /** File; a later call with the same plan and journal resumes. */
  readonly journal: string;
  /** Folder. */
  readonly rejects: string;
  readonly lanes?: number;
  readonly linesPerSecondMax?: number;
  readonly patienceMs?: number;
  readonly rejectsMax?: number;
  readonly wipe?: boolean;
  readonly intoExisting?: boolean;
  readonly mapDatabase?: Readonly<Record<string, string>>;
  readonly mapRetentionPolicy?: Readonly<Record<string, string>>;
  readonly policies?: Readonly<Record<string, PolicySchema>>;
  /** Of files that do not say theirs. Default `s`. */
  readonly precision?: Precision;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RestoreProgress) => void;
}
export interface RestoreReport {
  readonly files: number;
  readonly lines: number;
  readonly expired: number;
  readonly rejected: number;
  readonly typeConflicts: readonly string[];
  readonly unsealedFiles: readonly string[];
  readonly corruptFiles: readonly string[];
  readonly elapsedMs: number;
}
export declare function restore(plan: RestorePlan, options: RestoreOptions): Promise<RestoreReport>;

export interface Mismatch extends Partition {
  readonly measurement: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly inBackup: number;
  readonly inDatabase: number;
}
export interface Verdict {
  readonly level: 'files' | 'counts' | 'content';
  readonly equal: boolean;
  readonly mismatches: readonly Mismatch[];
  /** What was compared: points at or after this time, ns; older ones may have expired. */
  readonly comparedFrom: bigint | undefined;
  readonly points: number;
}
/** Default level: counts. */
export declare function verify(
  options: Selection &
    (
      | { readonly level: 'files' }
      | {
          readonly level?: 'counts' | 'content';
          readonly target: InfluxServer;
          readonly mapDatabase?: Readonly<Record<string, string>>;
        }
    ),
): Promise<Verdict>;
export type RestoreErrorCode =
  | 'INVALID_OPTIONS'
  | 'TARGET_UNREACHABLE'
  | 'TARGET_UNSUPPORTED'
  | 'TARGET_NOT_EMPTY'
  | 'TARGET_DENIED'
  | 'NO_FILES'
  | 'CORRUPT_FILE'
  | 'JOURNAL_MISMATCH'
  | 'WIPE_REFUSED'
  | 'TOO_MANY_REJECTS'
  | 'REJECTS_UNWRITABLE'
  | 'STORAGE';
export declare class RestoreError extends Error {
  readonly code: RestoreErrorCode;
}
