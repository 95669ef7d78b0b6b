import type { Partition } from '@ceres/storage';
import type { FileFinding } from '../read/finding';

/** The result of a comparison. */
export interface Verdict {
  readonly level: 'files' | 'counts' | 'content';
  /**
   * The word that counts. `EQUAL` means that everything was compared and nothing differs. `NOT EQUAL` means that something
   * differs for certain. `INCOMPLETE` means that something could not be compared, which `notCompared` names: what else
   * differs may come from it. Level `files` says `WHOLE` or `DAMAGED`.
   */
  readonly outcome: 'EQUAL' | 'NOT EQUAL' | 'INCOMPLETE' | 'WHOLE' | 'DAMAGED';
  /** True for `EQUAL` and `WHOLE`. */
  readonly equal: boolean;
  /** The stretches of time that differ. */
  readonly mismatches: readonly Mismatch[];
  /** The policies of the backup that the server does not have, by their names there. */
  readonly absentPolicies: readonly Partition[];
  /**
   * The policies that nothing but a seed backs up, by their names on the server: continuous queries write them, or others that go around the tee. Points
   * that came since, and values that were written again, are no differences there. Points that the database lacks are.
   */
  readonly seedOnly: readonly SeedOnly[];
  /** What could not be compared, and why. */
  readonly notCompared: readonly NotCompared[];
  /** The time from which points were compared, ns since the epoch. Older points may have expired. */
  readonly comparedFrom: bigint | undefined;
  /** The number of points that were compared, each with all its fields; at level `files`, the records of all files. */
  readonly points: number;
  /** What a user must know about files of the backup, including files that are missing. */
  readonly findings: readonly FileFinding[];
  /** The first values that differ, up to the number that the option `points` asked for. */
  readonly differingPoints?: readonly DifferingPoint[];
  /** A digest of what the database holds of each policy, by their names there, if the option `digests` asked for it. */
  readonly digests?: readonly PolicyDigest[];
}

/**
 * What a database holds of one policy. Equal content has equal digests, whatever the order in which it was written, and on whichever server: so two
 * restores of the same files can be compared without either.
 */
export interface PolicyDigest {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly points: number;
  /** Hexadecimal. */
  readonly digest: string;
}

/** A policy that the backup knows as it was when a seed was taken. */
export interface SeedOnly extends Partition {
  /** When the seed was taken, in ms since the epoch. */
  readonly takenMs: number;
}

/**
 * A part of the backup or of the database that could not be compared. Database and policy have their names on the server; without
 * a policy, all of the database may be concerned.
 */
export interface NotCompared extends Partition {
  /** The measurement; absent if all of the policy may be concerned. */
  readonly measurement?: string;
  /** The side that could not be read, or may not be all there yet. */
  readonly side: 'backup' | 'database';
  /** The file of the backup that is damaged or gone, if that is why. */
  readonly key?: string;
  readonly reason: string;
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
  /** How many points the database lacks, summed up over the slices of time that are compared: a minute each, or longer in a large comparison. */
  readonly missing: number;
  /** How many points the database holds beyond those of the backup, summed up in the same way. */
  readonly extra: number;
  /** How many points at most have other fields or values: those of slices with as many points on both sides. */
  readonly differentMax: number;
}

/** A field's value: an integer is a `bigint`, a float a `number`. */
type Value = number | bigint | boolean | string;

/**
 * A value on which backup and database disagree. In names and strings, a byte that is not UTF-8 appears as `\\xff` does here.
 */
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

/**
 * Returns the word of a comparison. What differs where a file of the backup is damaged or missing may come from that file: it is
 * no proof that backup and database differ, and what is equal there no proof of the opposite. Points that the database lacks are such a
 * proof all the same, since the file could only hold more of them.
 */
export function outcomeOf(mismatches: readonly Mismatch[], notCompared: readonly NotCompared[]): Verdict['outcome'] {
  const places = new Set<string>();
  for (const { side, database, retentionPolicy, measurement } of notCompared) {
    places.add(placeOf(side === 'backup', database, retentionPolicy, measurement));
  }
  if (!mismatches.every((mismatch) => isExplained(mismatch, places))) return 'NOT EQUAL';
  return notCompared.length > 0 ? 'INCOMPLETE' : 'EQUAL';
}

/** Returns whether the database lacks points that the backup holds. No file that is damaged, gone or late explains that. */
export function isLost({ missing }: Mismatch): boolean {
  return missing > 0;
}

/** Returns whether a mismatch lies in a place that was not compared: each may name all policies, and all measurements. */
function isExplained(mismatch: Mismatch, places: ReadonlySet<string>): boolean {
  const { database, retentionPolicy, measurement } = mismatch;
  const sides = isLost(mismatch) ? [false] : [true, false];
  return sides.some((isBackup) =>
    [retentionPolicy, undefined].some((policy) =>
      [measurement, undefined].some((name) => places.has(placeOf(isBackup, database, policy, name))),
    ),
  );
}

function placeOf(
  isBackup: boolean,
  database: string,
  policy: string | undefined,
  measurement: string | undefined,
): string {
  return JSON.stringify([isBackup, database, policy ?? null, measurement ?? null]);
}
