import { heartbeatLimits, type PendingFile } from '@ceres/storage/internal';
import type { FileState } from '../spool/files/file-states';
import type { SpoolFile } from '../spool/files/spool-file';
import { objectKey } from '../spool/layout';

/** What the spool holds of one instance at one moment. */
export interface Pending {
  readonly counts: Readonly<Record<PendingFile['state'], number>>;
  /** The oldest of them, as many as a heartbeat names. */
  readonly files: readonly PendingFile[];
  /** When the oldest was acked; `undefined` if there is none. */
  readonly sinceMs: number | undefined;
}

/** The lines of pending files in one heartbeat; those of stored files may take half. */
const bytesMax = heartbeatLimits.textBytesMax / 4;
/** The members of a line beside its key, and the punctuation. */
const lineBytes = 128;

/**
 * Returns what a heartbeat says of the files that are not stored, or not recorded yet.
 *
 * @param aheadMs by how much the clock of `sinceMs` is ahead of the host's
 */
export function pendingFiles(files: readonly SpoolFile[], aheadMs: number): Pending {
  const counts = { open: 0, spooled: 0, parked: 0 };
  for (const file of files) counts[pendingState(file.state)] += 1;
  const oldestFirst = [...files].sort((a, b) => a.sinceMs - b.sinceMs).slice(0, heartbeatLimits.pendingMax);
  const named: PendingFile[] = [];
  let bytes = 0;
  for (const { partition, id, state, sinceMs, lines } of oldestFirst) {
    const key = objectKey(partition, id);
    bytes += key.length + lineBytes;
    if (bytes > bytesMax) break;
    named.push({
      state: pendingState(state),
      key,
      sinceMs: Math.floor(sinceMs - aheadMs),
      ...(lines > 0 && { lines }),
    });
  }
  const [oldest] = oldestFirst;
  return { counts, files: named, sinceMs: oldest && Math.floor(oldest.sinceMs - aheadMs) };
}

function pendingState(state: FileState): PendingFile['state'] {
  return state === 'open' || state === 'parked' ? state : 'spooled';
}
