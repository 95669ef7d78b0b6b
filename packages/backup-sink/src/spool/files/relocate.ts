import { join } from 'node:path';
import { ifExists } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { SinkError } from '../../errors';
import { parseSpoolFileName } from '../layout';
import type { SpoolFile } from './spool-file';

/** The kinds of files from the last state to the first: the furthest one found holds all lines, and the others are what it was made from. */
export const furthestFirst = ['gz', 'lp', 'lp.open'] as const;

/** A file was removed from the spool before the storage had it. Looking for it again does not help. */
export class FileGone extends SinkError {
  override readonly retryable = false;

  constructor(path: string) {
    const what = `${path} was removed from the spool before the storage had it: its lines are not in the backup.`;
    super('SPOOL_UNWRITABLE', `${what} If there is a copy, put it back and open the sink again.`);
  }
}

/**
 * Finds a file that is not where it was: a rename that was answered with an error may have happened all the same.
 * Resolves with `true` if it is in the spool at all; the file records either outcome.
 */
export async function relocate(fs: FileSystem, file: SpoolFile): Promise<boolean> {
  const { directory } = file.partition;
  const names = await namesIn(fs, directory);
  for (const kind of furthestFirst) {
    for (const name of names) {
      const found = parseSpoolFileName(name);
      if (found === undefined || !file.hasId(found.id) || found.kind !== kind) continue;
      file.relocate({ ...found, path: join(directory, name) });
      return true;
    }
  }
  file.miss();
  return false;
}

/** Returns the names in a directory; none if it is gone. */
export async function namesIn(fs: FileSystem, directory: string): Promise<string[]> {
  return (await ifExists(fs.readdir(directory))) ?? [];
}
