import type { RejectCode } from '../../replay/account/rejects';

/** A record that is not compiled, and why. */
interface RejectedRecord {
  readonly code: RejectCode;
  readonly record: Uint8Array;
}

/** What became of the records of a batch. Records that are not selected count nowhere. */
export interface BatchOutcome {
  /** The records that became rows. */
  stored: number;
  /** The records that the policy does not keep any more. */
  expired: number;
  /** How many of the stored ones have a string that is longer than InfluxDB takes in a line from 1.9 on. */
  longStrings: number;
  readonly rejected: RejectedRecord[];
  /** The fields that have another type in their shard, in words. */
  readonly typeConflicts: Set<string>;
}
