import { join } from 'node:path';
import type { FileSystem } from '@ceres/internal';
import { errnoOf } from '@ceres/internal';
import { StorageError } from '../errors';
import { checkKey } from '../keys/check-key';

/**
 * Where files rest until they are whole; on the disk of the objects, since a hard link cannot leave it. `formatKey`
 * never makes such a name, other keys are refused, and listings pass it over.
 */
export const temporaryFolder = '~tmp';

/** The file of an object. @throws StorageError `INVALID_KEY` */
export function objectPath(rootDir: string, key: string): string {
  checkKey(key);
  if (key === temporaryFolder || key.startsWith(`${temporaryFolder}/`)) {
    throw new StorageError('INVALID_KEY', `"${key}" is reserved: unfinished files rest under ${temporaryFolder}/.`, {
      key,
    });
  }
  return join(rootDir, ...key.split('/'));
}

/** What rests at a key's path: `obstacle` is a folder at its place, or a file at the place of one of its folders. */
export type Place = 'object' | 'nothing' | 'obstacle';

/**
 * Looks at every folder on the way and at the file itself.
 *
 * @throws StorageError `INVALID_KEY` at a symbolic link, which may lead out of the root; what `fs` throws
 */
export async function lookUp(fs: FileSystem, rootDir: string, key: string): Promise<Place> {
  const parts = key.split('/');
  let path = rootDir;
  for (const [depth, part] of parts.entries()) {
    path = join(path, part);
    const stats = await lstatIfThere(fs, path);
    if (stats === undefined) return 'nothing';
    if (stats.isSymbolicLink()) throw leadsThroughLink(key, path);
    const fits = depth === parts.length - 1 ? stats.isFile() : stats.isDirectory();
    if (!fits) return 'obstacle';
  }
  return 'object';
}

export async function lstatIfThere(fs: FileSystem, path: string) {
  try {
    return await fs.lstat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** For the readers: an empty answer would make a mistyped path look like an empty backup. */
export function missingRoot(rootDir: string, cause?: unknown): StorageError {
  const message = `There is no directory ${rootDir}. Check the path; the first backup written to it makes it.`;
  return new StorageError('NOT_FOUND', message, { cause });
}

function leadsThroughLink(key: string, path: string): StorageError {
  const message = `"${key}" is refused: ${path} is a symbolic link, which may lead out of the root.`;
  return new StorageError('INVALID_KEY', `${message} Put the files themselves there.`, { key });
}
