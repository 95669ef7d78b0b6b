import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ifExists } from '@ceres/internal';

/**
 * Returns when a file of a stopped server was last written, in ms since the epoch: every write that reached it before is in its files. A copy that did not
 * keep the times of the files says when it was made.
 */
export async function newestWriteMs(folders: readonly string[]): Promise<number> {
  let newestMs = 0;
  for (const folder of folders) {
    for (const name of (await ifExists(readdir(folder, { recursive: true }))) ?? []) {
      if (!/\.(?:tsm|wal|tombstone)(?:\.bad)?$/.test(name)) continue;
      newestMs = Math.max(newestMs, (await ifExists(lstat(join(folder, name))))?.mtimeMs ?? 0);
    }
  }
  return Math.floor(newestMs);
}
