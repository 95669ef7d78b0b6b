import { basename, join } from 'node:path';
import { errnoOf } from '@ceres/internal';
import type { Clock, FileSystem } from '@ceres/storage';
import { unwritable } from '../../errors';
import type { SpoolDirectories } from '../disk/directories';
import { retryOnDisk } from '../disk/retry-on-disk';
import { formatSpoolFileName, parseSpoolFileName } from '../layout';
import { uuidMs } from '../names';
import type { OwnFolder } from '../own-folder';
import type { Backlog, SpoolFile } from './backlog';
import { relocate } from './relocate';

/**
 * Durable when it resolves; a file that has that name already is left alone.
 *
 * @throws the file system's error; `file.isGone` if the file was looked for, and is not in the spool
 */
export async function renameFile(
  { fs, directories }: { readonly fs: FileSystem; readonly directories: SpoolDirectories },
  file: SpoolFile,
  to: { readonly id: string; readonly tried: boolean },
): Promise<void> {
  const { directory } = file.partition;
  const kind = parseSpoolFileName(basename(file.path))?.kind ?? 'lp';
  const path = join(directory, formatSpoolFileName({ ...to, kind }));
  if (to.id !== file.id) file.nextId = to.id;
  await directories.change(directory, async () => {
    await moveWherever(fs, file, path);
    file.path = path;
    file.id = to.id;
    if (to.id === file.nextId) file.nextId = undefined;
  });
}

/** An earlier rename that was answered with an error may have happened all the same. */
async function moveWherever(fs: FileSystem, file: SpoolFile, path: string): Promise<void> {
  if (file.path === path) return;
  try {
    await fs.rename(file.path, path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || !(await relocate(fs, file))) throw error;
    if (file.path !== path) await fs.rename(file.path, path);
  }
}

/** What removing a stored file needs. */
export interface DiscardEnvironment {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly own: OwnFolder;
  readonly backlog: Backlog;
  readonly signal: AbortSignal;
  failed(error: unknown, what: { readonly path: string }): void;
}

/**
 * Removes a stored file, or one of nothing but damage, trying for ever: a full or read-only disk may be mended. Its name is remembered first, so
 * that no later name can sort before it. It need not be durable: what a crash brings back is put again, and exists. What the file
 * was made from goes before it: that would be put as if for the first time.
 *
 * @throws the signal's reason
 */
export async function discardFile(file: SpoolFile, shared: DiscardEnvironment): Promise<void> {
  const { fs, clock, own, backlog, signal, failed } = shared;
  const attempt = async () => {
    try {
      await own.rememberName(uuidMs(file.id));
      if (file.leftover !== undefined) await unlinkIfThere(fs, file.leftover);
      await unlinkWherever(fs, file);
    } catch (error) {
      throw unwritable(file.path, error);
    }
  };
  const onRetry = (error: unknown) => failed(error, { path: file.path });
  await retryOnDisk(attempt, { clock, signal, onRetry });
  backlog.remove(file);
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
