import type { LedgerFinding } from '@ceres/storage';
import type { FileProblem } from '../read/finding';

/** A value of a field, as reports hold it. */
type ShownValue = number | bigint | boolean | string;

/**
 * What is wrong. In the database, against the backup: points or values that are `missing`, that are `different`, that are there `extra`, and
 * fields of a `changed-type`. In the backup: what its ledgers and its files show, and `no-ledger` where nothing vouches for it. In the
 * watch itself: `overdue`, a time that was not compared within the period.
 */
export type WatchAlarmKind =
  | 'missing'
  | 'different'
  | 'extra'
  | 'changed-type'
  | 'absent-policy'
  | 'no-ledger'
  | 'overdue'
  | LedgerFinding['kind']
  | FileProblem;

/** A value on which backup and database disagree. Names and strings are as a person sees them. */
export interface WatchExample {
  readonly tags: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly field: string;
  readonly inBackup: ShownValue | undefined;
  readonly inDatabase: ShownValue | undefined;
}

/** Something that is damaged, missing or late, and that a person should look at. */
export interface WatchAlarm {
  readonly kind: WatchAlarmKind;
  /** Names the alarm: the same damage has the same name in the next run. */
  readonly name: string;
  readonly instance: string;
  /** The names on the server; absent where the alarm is not about one. */
  readonly database?: string;
  readonly retentionPolicy?: string;
  readonly measurement?: string;
  /** The stretch of time that it lies in, [fromNs, untilNs), where it is known. */
  readonly fromNs?: bigint;
  readonly untilNs?: bigint;
  /** How many values of the database are concerned. */
  readonly values?: number;
  /** True if there are more values than were counted. */
  readonly isAtLeast?: true;
  /** The first few of them. */
  readonly examples?: readonly WatchExample[];
  /** One line that says it. Names are as they were: escape them. */
  readonly reason: string;
}

/** What could not be judged in this run, and why. The next run looks again. */
export interface UnjudgedTime {
  readonly database?: string;
  readonly fromNs?: bigint;
  readonly untilNs?: bigint;
  /** How many values differ and may be on their way; absent where nothing could be compared. */
  readonly values?: number;
  readonly reason: string;
}

/** What is written down of a database: how long ago everything in it was compared. */
export interface WatchCoverage {
  /** The name in the backup. */
  readonly database: string;
  /** Everything in the database was compared after this moment, in ms since the epoch; absent if something never was. */
  readonly comparedSinceMs?: number;
  /** The stretches of time that the database is divided into, and those that this run compared. */
  readonly stretches: number;
  readonly compared: number;
}

/** The outcome of one run of `watch`. */
export interface WatchReport {
  /** `GOOD`: nothing is wrong in what was looked at. `FOUND`: alarms. `UNJUDGED`: no alarm, and something could not be looked at. */
  readonly outcome: 'GOOD' | 'FOUND' | 'UNJUDGED';
  readonly instance: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly periodMs: number;
  readonly alarms: readonly WatchAlarm[];
  /** What would be an alarm if it lasted longer than the grace. */
  readonly pending: readonly WatchAlarm[];
  readonly unjudged: readonly UnjudgedTime[];
  readonly coverage: readonly WatchCoverage[];
  /** The points of the backup that this run compared. */
  readonly points: number;
  /** Everything that living sinks acked before this moment is in the backup, in ms since the epoch; absent without a ledger. */
  readonly storedUpToMs?: number;
}

/** What a run tells while it goes on: one JSON object a line with `ceres watch --json`. */
export type WatchEvent =
  | { readonly event: 'began'; readonly instance: string; readonly startedMs: number }
  | {
      readonly event: 'compared';
      readonly database: string;
      readonly fromNs: bigint | undefined;
      readonly untilNs: bigint | undefined;
      /** Why it was compared: files that are new, damage that was there before, or its turn. */
      readonly because: RangeReason;
      readonly points: number;
      readonly alarms: number;
    }
  | ({ readonly event: 'alarm' } & WatchAlarm)
  | ({ readonly event: 'unjudged' } & UnjudgedTime)
  | ({ readonly event: 'ended' } & Omit<WatchReport, 'alarms' | 'pending' | 'unjudged'>);

/** Why a stretch of time is compared. */
export type RangeReason = 'new files' | 'open alarm' | 'its turn';
