import { join } from 'node:path';
import { errnoOf } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { SinkError } from '../../errors';
import { parseSpoolFileName } from '../layout';
import type { SpoolFile } from './backlog';

/** From the last state to the first: the furthest one found holds all, and the others are what it was made from. */
export const furthestFirst = ['gz', 'lp', 'lp.open'] as const;

/** Somebody removed a file before the storage had it. Looking for it again does not help. */
export class FileGone extends SinkError {
  override readonly retryable = false;

  constructor(path: string) {
    const what = `${path} was removed from the spool before the storage had it: its lines are not in the backup.`;
    super('SPOOL_UNWRITABLE', `${what} Put it back and open the sink anew, if there is a copy.`);
  }
}

/**
 * Finds a file that is not where it was: a rename that was answered with an error may have happened all the same.
 * Resolves with whether it is there at all, which the file then says too.
 */
export async function relocate(fs: FileSystem, file: SpoolFile): Promise<boolean> {
  const { directory } = file.partition;
  const names = await namesIn(fs, directory);
  for (const kind of furthestFirst) {
    for (const name of names) {
      const found = parseSpoolFileName(name);
      if (found === undefined || !isNameOf(file, found.id) || found.kind !== kind) continue;
      if (found.id === file.nextId) {
        file.nextId = undefined;
        file.tried = found.tried;
      }
      file.id = found.id;
      file.path = join(directory, name);
      if (kind === 'gz' && file.state !== 'stored') file.state = 'packed';
      file.isGone = false;
      return true;
    }
  }
  file.isGone = true;
  return false;
}

/** Under the id that a rename may have given it, too. */
export function isNameOf(file: SpoolFile, id: string): boolean {
  return id === file.id || id === file.nextId;
}

/** None if the directory is gone with them. */
export async function namesIn(fs: FileSystem, directory: string): Promise<string[]> {
  try {
    return await fs.readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
