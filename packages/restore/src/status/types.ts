import type { LedgerFinding, LostFiles, ObjectReader, SinkState } from '@ceres/storage';
import type { FileFinding } from '../read/finding';

/** Says which backup to look at, and what of it is known already. */
export interface StatusOptions {
  readonly storage: ObjectReader;
  /** Only this instance. Default: every one that has a file or a ledger. */
  readonly instance?: string;
  /** Lifecycle rules delete files after this time, in ms: older ones are not missed. Default: files never expire. */
  readonly keepMs?: number;
  /** The ids of sinks that are gone for good: they are not silent. */
  readonly retired?: readonly string[];
  /** The names of findings that are known and speak no longer against the backup. */
  readonly accept?: readonly string[];
  /** Also counts by days and hours. Default: false. */
  readonly activity?: boolean;
  readonly signal?: AbortSignal;
}

/** The files of one UTC day. Those of a seed count on the days of their points, and all others on the day when they were recorded. */
export interface DayStatus {
  /** YYYYMMDD. */
  readonly day: string;
  readonly files: number;
  /** The number of files that no ledger names, and that should be named. */
  readonly unvouchedFiles: number;
}

/** The records of the hour in which their file was opened. */
export interface HourStatus {
  /** The beginning of the hour, in ms since the epoch. */
  readonly fromMs: number;
  readonly lines: number;
}

/** What was stored when. */
export interface Activity {
  /** Sorted; days without a file are absent. */
  readonly days: readonly DayStatus[];
  /** The last seven days and the hour that goes on, sorted; hours without a record are absent. */
  readonly hours: readonly HourStatus[];
}

/** What a backup holds of one database and policy. */
export interface PartitionStatus {
  readonly database: string;
  /** `''` is the default policy. */
  readonly retentionPolicy: string;
  /** True for the files that switch between the default policy and named ones. */
  readonly mixed: boolean;
  readonly files: number;
  /** The size of the files as stored, compressed. */
  readonly bytes: number;
  /** The number of records, as ledgers and headers count them. */
  readonly lines: number;
  /** The UTC days of the first and last file, YYYYMMDD. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** When the storage created the newest file, in ms since the epoch. */
  readonly newestFileMs: number;
  /** The greatest timestamp of all records, in ns since the epoch; absent if neither a ledger nor a header says it. */
  readonly newestPointNs?: bigint;
  /** The number of files that no ledger names, and that should be named. */
  readonly unvouchedFiles: number;
  /** Present if it was asked for. */
  readonly activity?: Activity;
}

/** What is known of a full copy of databases that were there before anything was teed. */
export interface SeedStatus {
  readonly id: string;
  /** What was copied: `snapshot`, `portable`, `data-directory` or `query`. */
  readonly source: string;
  /** The server or folder that was copied. */
  readonly server?: string;
  /** Every write that reached the source before this moment is in the seed, in ms since the epoch. */
  readonly takenMs: number;
  /** True for a seed that closes gaps. */
  readonly again: boolean;
  /** The databases and policies that it has read. */
  readonly partitions: readonly {
    readonly database: string;
    readonly retentionPolicy: string;
    readonly lines: number;
  }[];
  readonly files: number;
  readonly lines: number;
  /** The points that it was narrowed to; absent where it has all. */
  readonly measurements?: readonly string[];
  readonly fromNs?: bigint;
  readonly untilNs?: bigint;
  /** What of the source could not be read. */
  readonly losses: readonly string[];
}

/** What the bucket alone says of the backup of one server. */
export interface InstanceStatus {
  readonly instance: string;
  /** True if no finding is left that is not accepted, and a ledger vouches for the files. */
  readonly isGood: boolean;
  /** Everything that living sinks acked before this moment is in the backup, in ms since the epoch; absent without a ledger. */
  readonly storedUpToMs?: number;
  readonly hasLedger: boolean;
  readonly partitions: readonly PartitionStatus[];
  readonly sinks: readonly SinkState[];
  /** The finished seeds, in the order in which they were taken. */
  readonly seeds: readonly SeedStatus[];
  /** Files that are lost, and whose content a seed holds: they speak no longer against the backup. */
  readonly closed: readonly LostFiles[];
  readonly findings: readonly LedgerFinding[];
  /** Findings that `accept` names. */
  readonly accepted: readonly LedgerFinding[];
  /** Gaps in the sequence numbers of files that no ledger names: each is at least one lost file. */
  readonly sequenceGaps: readonly FileFinding[];
}

/** The outcome of `backupStatus`. */
export interface BackupStatus {
  /** True if there is an instance, and every one is good. */
  readonly isGood: boolean;
  readonly instances: readonly InstanceStatus[];
  /** How many listed names are not names of backup files. */
  readonly skippedNames: number;
  /** Names that `accept` or `retired` has, and nothing found has. */
  readonly unused: readonly string[];
}
