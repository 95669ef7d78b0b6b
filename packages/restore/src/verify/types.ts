import type { InfluxServer } from '@ceres/influx-http';
import type { Precision } from '@ceres/lineproto';
import type { Partition } from '@ceres/storage';
import type { Selection } from '../plan/types';
import type { FileFinding } from './check-files';

/** Where backup and database differ. */
export interface Mismatch extends Partition {
  readonly measurement: string;
  /** The field that differs. */
  readonly field?: string;
  /** [from, to), ns since the epoch. */
  readonly from: bigint;
  readonly to: bigint;
  /** Points with this field; equal numbers mean that values differ. */
  readonly inBackup: number;
  readonly inDatabase: number;
}

export interface Verdict {
  readonly level: 'files' | 'counts' | 'content';
  readonly equal: boolean;
  readonly mismatches: readonly Mismatch[];
  /** What was compared: points at or after this time, ns; older ones may have expired. */
  readonly comparedFrom: bigint | undefined;
  /** Compared, each with all its fields; at level `files` the records of all files. */
  readonly points: number;
  /** Of the backup's files, at every level that reads them whole. */
  readonly findings: readonly FileFinding[];
}

interface AgainstTarget {
  readonly target: InfluxServer;
  readonly mapDatabase?: Readonly<Record<string, string>>;
  readonly mapRetentionPolicy?: Readonly<Record<string, string>>;
  /** Of files that do not say theirs. Default `s`. */
  readonly precision?: Precision;
}

export type VerifyOptions = Selection &
  ({ readonly level: 'files' } | ({ readonly level?: 'counts' | 'content' } & AgainstTarget));
