import { basename, join } from 'node:path';
import { type Clock, errnoOf, type FileSystem, retry } from '@ceres/storage';
import { unwritable } from '../errors';
import type { Backlog, SpoolFile } from './backlog';
import type { SpoolDirectories } from './directories';
import { formatSpoolFileName, parseSpoolFileName } from './layout';
import { uuidMs } from './names';
import type { OwnFolder } from './own-folder';
import { relocate } from './relocate';

/** Durable when it resolves; a file that has that name already is left alone. */
export async function renameFile(
  { fs, directories }: { readonly fs: FileSystem; readonly directories: SpoolDirectories },
  file: SpoolFile,
  to: { readonly id: string; readonly tried: boolean },
): Promise<void> {
  const { directory } = file.partition;
  const kind = parseSpoolFileName(basename(file.path))?.kind ?? 'lp';
  const path = join(directory, formatSpoolFileName({ ...to, kind }));
  await directories.change(directory, async () => {
    if (path !== file.path) await fs.rename(file.path, path);
    file.path = path;
    file.id = to.id;
  });
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
 * Removes a stored file, trying for ever: a full or read-only disk may be mended. Its name is remembered first, so
 * that no later name can sort before it. It need not be durable: what a crash brings back is put again, and exists.
 *
 * @throws the signal's reason
 */
export async function discardFile(file: SpoolFile, shared: DiscardEnvironment): Promise<void> {
  const { fs, clock, own, backlog, signal, failed } = shared;
  const attempt = async () => {
    try {
      await own.rememberName(uuidMs(file.id));
      await unlinkWherever(fs, file);
    } catch (error) {
      throw unwritable(file.path, error);
    }
  };
  const onRetry = (error: unknown) => failed(error, { path: file.path });
  await retry(attempt, { attemptsMax: Infinity, clock, signal, onRetry });
  backlog.remove(file);
}

async function unlinkWherever(fs: FileSystem, file: SpoolFile): Promise<void> {
  try {
    await fs.unlink(file.path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    if (await relocate(fs, file)) await fs.unlink(file.path);
  }
}
