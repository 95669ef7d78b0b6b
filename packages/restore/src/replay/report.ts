import type { Totals } from '../journal/done-files';

/** What became of a plan, over all runs with its journal. */
export interface RestoreReport extends Totals {
  /** Done, also those that are corrupt. */
  readonly files: number;
  /** Records that the target stores. */
  readonly lines: number;
  /** Older than the target's policies keep. */
  readonly expired: number;
  /** In the rejects folder. */
  readonly rejected: number;
  /** `database.policy.measurement.field: the backup has …, the target …` */
  readonly typeConflicts: readonly string[];
  /** Keys of files without footer. */
  readonly unsealedFiles: readonly string[];
  /** Keys of files that could be restored only in part, or not at all. */
  readonly corruptFiles: readonly string[];
  /** Why, by key. */
  readonly corruptReasons: Readonly<Record<string, string>>;
  /** The journal had finished before, and nothing was done: another journal restores again. */
  readonly alreadyFinished?: true;
  /** Of this run. */
  readonly elapsedMs: number;
}
