import type { Clock } from '@ceres/storage';
import type { Backlog } from '../spool/files/backlog';

/** What a sink has done since `open()`, and what it holds now. */
export interface SinkStats {
  /** Lines that became durable in the spool since open, and their bytes; those in quarantine do not count. */
  readonly acceptedLines: number;
  readonly acceptedBytes: number;
  /** What the spool holds now, of `spoolBytesMax`. */
  readonly spooledBytes: number;
  /** Files in the spool that the storage does not have, including the parked ones. */
  readonly unstoredFiles: number;
  /** Files that the storage refused for good: an operator must look. */
  readonly parkedFiles: number;
  readonly storedFiles: number;
  /** Records put in quarantine since open. */
  readonly quarantinedLines: number;
  /** Age of the oldest acked line that is not in the storage: the data at risk if the disk were lost now. 0 if all is stored. */
  readonly oldestUnstoredMs: number;
  /** The last error of the disk or the storage; `undefined` until there is one. It stays after its cause has passed. */
  readonly lastError: Error | undefined;
}

/** What became durable since open. */
export interface Accepted {
  readonly lines: number;
  readonly bytes: number;
  readonly quarantined: number;
}

/** Returns the figures of now. */
export function collectStats(
  backlog: Backlog,
  accepted: Accepted,
  clock: Clock,
  lastError: Error | undefined,
): SinkStats {
  const oldestMs = backlog.oldestMs();
  return {
    acceptedLines: accepted.lines,
    acceptedBytes: accepted.bytes,
    spooledBytes: backlog.spooledBytes,
    unstoredFiles: backlog.count(({ state }) => state !== 'stored'),
    parkedFiles: backlog.count(({ state }) => state === 'parked'),
    storedFiles: backlog.storedFiles,
    quarantinedLines: accepted.quarantined,
    oldestUnstoredMs: oldestMs === undefined ? 0 : Math.max(0, clock.now() - oldestMs),
    lastError,
  };
}
