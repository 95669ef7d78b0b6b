import type { UnjudgedTime } from '../watch/types';

/** What has happened, as the runbook names it. */
export type DisasterKind =
  | 'server-away' // nothing answers
  | 'lost-volume' // the server has nothing of the backup, and nothing else
  | 'other-server' // the server has other databases, or other points: it is not the one that was backed up
  | 'dropped-database'
  | 'dropped-policy'
  | 'lost-points' // more than a tenth of a database is missing: shards or measurements were dropped, or a wipe was not finished
  | 'partial-damage' // a few points are missing or have other values
  | 'changed-type' // a field has another type than in the backup
  | 'shifted-time' // points have the right values, at other times
  | 'swapped-tags' // points have the right values, under tags whose values changed places
  | 'extra-points' // the database holds points that never went through the tee
  | 'damaged-backup' // files of the backup are damaged or missing
  | 'unvouched-files' // no ledger vouches for files
  | 'no-ledger' // no sink keeps a ledger at all
  | 'late-sink' // what a sink acked is still in its spool
  | 'silent-sink'; // a sink does not say anything any more

/** What cures a disaster. */
export type Cure =
  | {
      /** Sends what the backup holds, where it is missing. */
      readonly action: 'restore';
      readonly databases?: readonly string[];
      readonly retentionPolicies?: readonly string[];
      readonly measurements?: readonly string[];
      /** The server holds other points already. */
      readonly intoExisting: boolean;
      /** Files that are damaged are left out, and what can be read of them is kept. */
      readonly salvage?: true;
    }
  /** Drops what the database holds, and sends what the backup holds. */
  | { readonly action: 'wipe'; readonly databases: readonly string[] }
  /** Writes what is missing or different, point by point. */
  | { readonly action: 'heal'; readonly databases: readonly string[] }
  /** Copies the database once more, so that the backup has what it lacks. */
  | { readonly action: 'seed again'; readonly databases?: readonly string[] }
  /** Reads every file of the backup. */
  | { readonly action: 'check' }
  /** Starts the service with its spool, and looks whether it has stored everything. */
  | { readonly action: 'start the sink' }
  /** Starts InfluxDB, or names another one. */
  | { readonly action: 'check the server' };

/** Something that is wrong, and what cures it. */
export interface Disaster {
  readonly kind: DisasterKind;
  /** The names of the databases on the server that it concerns; none if it concerns the backup. */
  readonly databases: readonly string[];
  /** One line that says it. Names are as they were: escape them. */
  readonly reason: string;
  readonly cure: Cure;
  /** The names of findings, by which an operator accepts what is known. */
  readonly findings: readonly string[];
}

/** The outcome of `diagnose`. */
export interface Diagnosis {
  /** `GOOD`: nothing is wrong. `FOUND`: disasters. `UNJUDGED`: none was found, and something could not be looked at. */
  readonly outcome: 'GOOD' | 'FOUND' | 'UNJUDGED';
  readonly instance: string;
  /** The worst first. */
  readonly disasters: readonly Disaster[];
  readonly unjudged: readonly UnjudgedTime[];
  /** The points of the backup that were compared, value by value. */
  readonly points: number;
}
