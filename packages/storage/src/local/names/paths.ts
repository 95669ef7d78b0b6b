import { join } from 'node:path';
import { type FileSystem, ifExists } from '@ceres/internal';
import { StorageError } from '../../errors';
import { checkKey } from '../../keys/check-key';

/**
 * The folder of files that are not whole yet. It is on the disk of the objects, since a hard link cannot leave its file
 * system. `formatKey` never returns such a name, other keys with it are refused, and listings skip it.
 */
export const temporaryFolder = '~tmp';

/**
 * The folders that an operating system keeps at the root of a volume, and lets no one else read. `formatKey` percent-encodes these names, so no
 * file of a backup is in such a folder.
 */
const volumeFolders: ReadonlySet<string> = new Set(['lost+found', 'System Volume Information', '$RECYCLE.BIN']);

/** Returns whether a folder of the root that cannot be read belongs to the volume, so that a listing may pass it over. */
export function isVolumeFolder(key: string): boolean {
  return key.endsWith('/') && volumeFolders.has(key.slice(0, -1));
}

/**
 * Returns the path of an object's file.
 *
 * @throws StorageError `INVALID_KEY`
 */
export function objectPath(rootDir: string, key: string): string {
  checkKey(key);
  if (key === temporaryFolder || key.startsWith(`${temporaryFolder}/`)) {
    const message = `"${key}" is reserved: unfinished files are kept under ${temporaryFolder}/. Use another key.`;
    throw new StorageError('INVALID_KEY', message, { key });
  }
  return join(rootDir, ...key.split('/'));
}

/** What is at a key's path. `obstacle` is a folder where the file should be, or a file where a folder should be. */
export type Place = 'object' | 'nothing' | 'obstacle';

/**
 * Looks at every folder on the way to a key's file, and at the file itself.
 *
 * @throws StorageError `INVALID_KEY` at a symbolic link, which may lead out of the root; what `fs` throws
 */
export async function lookUp(fs: FileSystem, rootDir: string, key: string): Promise<Place> {
  const parts = key.split('/');
  let path = rootDir;
  for (const [depth, part] of parts.entries()) {
    path = join(path, part);
    const stats = await ifExists(fs.lstat(path));
    if (stats === undefined) return 'nothing';
    if (stats.isSymbolicLink()) throw leadsThroughLink(key, path);
    const fits = depth === parts.length - 1 ? stats.isFile() : stats.isDirectory();
    if (!fits) return 'obstacle';
  }
  return 'object';
}

/** Makes the error for a root that does not exist: with an empty answer, a mistyped path would look like an empty backup. */
export function missingRoot(rootDir: string, cause?: unknown): StorageError {
  const message = `There is no directory ${rootDir}. Check the path: the first backup written to it creates it.`;
  return new StorageError('NOT_FOUND', message, { cause });
}

function leadsThroughLink(key: string, path: string): StorageError {
  const message = `"${key}" is refused: ${path} is a symbolic link, which may lead out of the root directory.`;
  return new StorageError('INVALID_KEY', `${message} Replace it with what it points to.`, { key });
}
