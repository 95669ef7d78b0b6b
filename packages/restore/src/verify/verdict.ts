import type { Partition } from '@ceres/storage';
import type { FileFinding } from '../read/finding';
import type { Value } from './digest/value-hash';

/** The result of a comparison. */
export interface Verdict {
  readonly level: 'files' | 'counts' | 'content';
  /**
   * Everything that could be read is equal or, at level `files`, whole. A comparison with a server says nothing about
   * what it could not read: `findings` names these files.
   */
  readonly equal: boolean;
  /** The stretches of time that differ. */
  readonly mismatches: readonly Mismatch[];
  /** The time from which points were compared, ns since the epoch. Older points may have expired. */
  readonly comparedFrom: bigint | undefined;
  /** The number of points that were compared, each with all its fields; at level `files`, the records of all files. */
  readonly points: number;
  /** What a user must know about files of the backup, including files that are missing. */
  readonly findings: readonly FileFinding[];
  /** The first values that differ, up to the number that the option `points` asked for. */
  readonly differingPoints?: readonly DifferingPoint[];
}

/** A stretch of time in which backup and database differ. Database and policy have their names on the server. */
export interface Mismatch extends Partition {
  readonly measurement: string;
  /** The fields whose values differ, or differ in number. */
  readonly fields: readonly string[];
  /** The beginning of the stretch, ns since the epoch. */
  readonly from: bigint;
  /** The end of the stretch, ns since the epoch. It is not part of the stretch. */
  readonly until: bigint;
  /** The number of points in the backup in that stretch. If it equals `inDatabase`, only fields differ. */
  readonly inBackup: number;
  readonly inDatabase: number;
}

/** A value on which backup and database disagree. */
export interface DifferingPoint extends Partition {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The point's time, ns since the epoch. */
  readonly time: bigint;
  readonly field: string;
  /** The value in the backup: a `number` is a float, a `bigint` an integer, and `undefined` means that it is missing. */
  readonly inBackup: Value | undefined;
  /** The value in the database, in the same form. */
  readonly inDatabase: Value | undefined;
}
