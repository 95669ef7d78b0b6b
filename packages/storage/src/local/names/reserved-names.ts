/**
 * How an object gets its name where there are no hard links (exFAT, SMB, some FUSE mounts).
 *
 * The name is reserved by creating it exclusively, as an empty file; then the whole, fsynced object is renamed onto it. Only the
 * writer that created the empty file renames, so that nothing is overwritten. A reader finds an empty file or the whole object. A crash
 * between the two steps leaves the empty file, which is never taken for an object whose body has bytes: after a minute, the next
 * put of that key takes the name over.
 */
import { errnoOf, type FileSystem, lacksHardLinks } from '@ceres/internal';
import type { ObjectBody } from '../../contract';
import { StorageError } from '../../errors';
import type { NameOutcome } from './object-names';

/** A writer reserves and renames in two calls in a row. One that was held up between them for this long gives the name up … */
const holdMsMax = 20_000;
/** … and this much later others take it over. */
const abandonedMs = 60_000;

/** Returns true if a file may be only a reserved name. On a file system with hard links, it is an empty object. */
export async function maybeReserved(fs: FileSystem, path: string, body: ObjectBody): Promise<boolean> {
  return body.sizeBytes > 0 && (await fs.lstat(path)).size === 0;
}

/** Reserves a name, and renames a whole file onto it. */
export async function reserveAndRename(fs: FileSystem, from: string, to: string): Promise<'created' | 'exists'> {
  const startedMs = performance.now();
  const startedWallMs = Date.now(); // a monotonic clock stands still while a machine sleeps
  try {
    await (await fs.open(to, 'wx')).close();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return 'exists';
    throw error;
  }
  const heldMs = Math.max(performance.now() - startedMs, Date.now() - startedWallMs);
  if (heldMs > holdMsMax) throw heldUp(to);
  await fs.rename(from, to);
  return 'created';
}

/**
 * Takes over a name that a writer reserved and did not fill. The file system's own clock, that of the temporary file, tells its age.
 * Resolves with `exists` if the file turns out to be an object.
 *
 * @throws StorageError `UNAVAILABLE` while that writer may still fill it
 */
export async function fillReserved(fs: FileSystem, key: string, temporary: string, path: string): Promise<NameOutcome> {
  if (await hasHardLinks(fs, temporary)) return 'exists';
  const found = await fs.lstat(path);
  if (found.size > 0) return 'exists';
  const nowMs = (await fs.lstat(temporary)).mtimeMs;
  if (nowMs - found.mtimeMs < abandonedMs) {
    const message = `Another writer has reserved the name of "${key}", and has not filled it yet. Try again in a minute.`;
    throw new StorageError('UNAVAILABLE', message, { key });
  }
  await fs.rename(temporary, path);
  return 'created';
}

/** Tries it: a link to a name that exists answers `EEXIST` on any file system. */
async function hasHardLinks(fs: FileSystem, temporary: string): Promise<boolean> {
  const probe = `${temporary}.link`;
  try {
    await fs.link(temporary, probe);
  } catch (error) {
    if (lacksHardLinks(error)) return false;
    throw error;
  }
  await fs.unlink(probe);
  return true;
}

function heldUp(path: string): StorageError {
  const message = `The process stood still while it was naming ${path}, and gave the name up. Try again in a minute.`;
  return new StorageError('UNAVAILABLE', message);
}
