import type { InfluxServer } from '@ceres/influx-http';
import type { Precision } from '@ceres/lineproto';
import type { Clock, Partition } from '@ceres/storage';
import type { Selection } from '../plan/types';
import type { FileFinding } from '../read/read-file';
import type { Value } from './digest/value-hash';

/** Where backup and database differ; database and policy by their names on the server. */
export interface Mismatch extends Partition {
  readonly measurement: string;
  /** Of which there are more or fewer values, or others. */
  readonly fields: readonly string[];
  /** [from, until), ns since the epoch. */
  readonly from: bigint;
  readonly until: bigint;
  /** Points in that time; equal numbers mean that only fields differ. */
  readonly inBackup: number;
  readonly inDatabase: number;
}

/** One value that backup and database do not agree on. */
export interface DifferingPoint extends Partition {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** ns since the epoch. */
  readonly time: bigint;
  readonly field: string;
  /** A float is a `number`, an integer a `bigint`; `undefined` where it is missing. */
  readonly inBackup: Value | undefined;
  readonly inDatabase: Value | undefined;
}

export interface Verdict {
  readonly level: 'files' | 'counts' | 'content';
  /** Of what could be read: with a database, `findings` names the files about which it says nothing, or not everything. */
  readonly equal: boolean;
  readonly mismatches: readonly Mismatch[];
  /** What was compared: points at or after this time, ns; older ones may have expired. */
  readonly comparedFrom: bigint | undefined;
  /** Compared, each with all its fields; at level `files` the records of all files. */
  readonly points: number;
  /** Of the backup's files, at every level that reads them whole. */
  readonly findings: readonly FileFinding[];
  /** The values that differ, if `points` asked for them: the first of them, up to that number. */
  readonly differingPoints?: readonly DifferingPoint[];
}

export interface ComparisonOptions {
  /** The server to compare with. */
  readonly to: InfluxServer;
  readonly mapDatabase?: Readonly<Record<string, string>>;
  readonly mapRetentionPolicy?: Readonly<Record<string, string>>;
  /** Of files that do not say theirs. Default `s`. */
  readonly precision?: Precision;
  /** How many of the values that differ are named, which reads both sides once more where they do. Default 0. */
  readonly points?: number;
  /** Where 24 bytes for each value are kept meanwhile, beyond some 25 MB of them. Default: the system's temporary folder. */
  readonly scratchDir?: string;
  /** For tests. */
  readonly clock?: Clock;
}

export type VerifyOptions = Selection &
  ({ readonly level: 'files' } | ({ readonly level?: 'counts' | 'content' } & ComparisonOptions));
