import type { Clock } from '@ceres/storage';
import type { Reporter } from '../report/reporter';
import type { SpoolDisk } from './disk/directories';
import type { Backlog } from './files/backlog';

/** Holds the spool for this sink. */
interface SpoolOwnership {
  /** Rejects once another sink took the spool over: from then on the files are its own. */
  assertHeld(): Promise<void>;
}

/** What everything that works on the spool's files in the background shares. */
export interface SpoolWork {
  readonly disk: SpoolDisk;
  readonly lock: SpoolOwnership;
  /** The sink's steady clock. */
  readonly clock: Clock;
  readonly backlog: Backlog;
  readonly reporter: Reporter;
  /** Aborts when the sink closes or loses its spool: what is not stored by then stays for the next open. */
  readonly signal: AbortSignal;
}
