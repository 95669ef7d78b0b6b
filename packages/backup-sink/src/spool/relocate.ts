import { join } from 'node:path';
import type { FileSystem } from '@ceres/storage';
import type { SpoolFile } from './backlog';
import { parseSpoolFileName } from './layout';

/** From the last state to the first: the furthest one found holds all, and the others are what it was made from. */
export const furthestFirst = ['gz', 'lp', 'lp.open'] as const;

/**
 * Finds a file that is not where it was: a rename that was answered with an error may have happened all the same.
 * Resolves with whether it is there at all.
 */
export async function relocate(fs: FileSystem, file: SpoolFile): Promise<boolean> {
  const { directory } = file.partition;
  const names = await fs.readdir(directory);
  for (const kind of furthestFirst) {
    for (const name of names) {
      const found = parseSpoolFileName(name);
      if (found?.id !== file.id || found.kind !== kind) continue;
      file.path = join(directory, name);
      if (kind === 'gz') file.state = 'packed';
      return true;
    }
  }
  return false;
}
