import { basename, dirname, join } from 'node:path';
import { errnoOf } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { unwritable } from '../../errors';
import type { SpoolDisk } from '../disk/directories';
import { retryOnDisk } from '../disk/retry-on-disk';
import { formatSpoolFileName, parseSpoolFileName } from '../layout';
import { type NameIssuer, uuidMs } from '../names';
import type { OwnFolder } from '../own-folder';
import type { SpoolWork } from '../spool-work';
import { relocate } from './relocate';
import type { SpoolFile } from './spool-file';

/**
 * Renames a file. The new name is durable when this resolves; a file that has that name already is left alone.
 *
 * @throws the file system's error; `file.isMissing` if the file was looked for, and is not in the spool
 */
export async function renameFile(
  disk: SpoolDisk,
  file: SpoolFile,
  to: { readonly id: string; readonly tried: boolean },
): Promise<void> {
  const { directory } = file.partition;
  const kind = parseSpoolFileName(basename(file.path))?.kind ?? 'lp';
  const path = join(directory, formatSpoolFileName({ ...to, kind }));
  file.beginRename(to.id);
  await moveWherever(disk, file, path);
  file.endRename(to.id, path);
}

/** Looks for the file if it is not where it was: an earlier rename that was answered with an error may have happened all the same. */
async function moveWherever(disk: SpoolDisk, file: SpoolFile, path: string): Promise<void> {
  try {
    await moveUnlessThere(disk, file.path, path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || !(await relocate(disk.fs, file))) throw error;
    await moveUnlessThere(disk, file.path, path);
  }
}

/** Makes a name that the file has already durable: a rename may have been answered with an error. */
async function moveUnlessThere({ directories }: SpoolDisk, from: string, to: string): Promise<void> {
  if (from === to) await directories.change(dirname(to), async () => undefined);
  else await directories.move(from, to);
}

/** What removing a file needs. */
export interface Discarding extends SpoolWork {
  readonly own: OwnFolder;
  readonly names: NameIssuer;
}

/**
 * Removes a file that is stored, or nothing but damage. It retries forever: a full or read-only disk may be fixed. The name is remembered
 * first, so that no later name can sort before it. The removal need not be durable: what a crash brings back is put again, and
 * exists. What the file was made from is removed before the file: left alone, it would be put as if for the first time.
 *
 * @throws the signal's reason
 */
export async function discardFile(file: SpoolFile, work: Discarding): Promise<void> {
  const { disk, own, names, backlog, reporter } = work;
  const attempt = async () => {
    try {
      await own.rememberName(Math.max(uuidMs(file.id), names.lastMs)); // all names so far: then the next files need no fsync
      if (file.leftover !== undefined) await unlinkIfThere(disk.fs, file.leftover);
      await disk.directories.removeLeftovers(file.partition.directory, file.id);
      await unlinkWherever(disk.fs, file);
    } catch (error) {
      throw unwritable(file.path, error);
    }
  };
  await retryOnDisk(attempt, work, (error) => reporter.failed(error, file.path));
  backlog.remove(file);
  await own.keepReserve().catch((error: unknown) => reporter.failed(error, own.path)); // there may be room for it now
}

async function unlinkWherever(fs: FileSystem, file: SpoolFile): Promise<void> {
  if (await unlinkIfThere(fs, file.path)) return;
  if (await relocate(fs, file)) await fs.unlink(file.path);
}

async function unlinkIfThere(fs: FileSystem, path: string): Promise<boolean> {
  try {
    await fs.unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
