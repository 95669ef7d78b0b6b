import { join } from 'node:path';
import { errnoOf } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import type { Reporter } from '../../report/reporter';
import { ownFolder, parseSpoolFolders, quarantineFolder, type SpoolPartition } from '../layout';

/** A partition's directory and the names in it. */
export interface FoundPartition {
  readonly partition: SpoolPartition;
  readonly names: readonly string[];
}

/** The levels of folders: instance, database, policy. */
const depth = 3;

/**
 * Finds every partition directory of the spool. Reports what it leaves alone.
 *
 * @throws the file system's error if one of them cannot be read
 */
export async function* findPartitions(
  fs: FileSystem,
  spoolDir: string,
  reporter: Reporter,
): AsyncGenerator<FoundPartition> {
  for (const name of await fs.readdir(spoolDir)) {
    if (name === ownFolder) continue;
    const levels = name === quarantineFolder ? depth + 1 : depth;
    yield* descend([name], levels - 1);
  }

  async function* descend(folders: readonly string[], levels: number): AsyncGenerator<FoundPartition> {
    const directory = join(spoolDir, ...folders);
    let names: string[];
    try {
      if (!(await fs.lstat(directory)).isDirectory()) return reporter.emit('unknown', { path: directory });
      names = await fs.readdir(directory);
    } catch (error) {
      // EACCES: not the sink's, such as lost+found. Any other fault hides names that new ones must sort after: better not to open.
      if (errnoOf(error) === 'EACCES') return reporter.failed(error, directory);
      throw error;
    }
    if (levels > 0) {
      for (const name of names.sort()) yield* descend([...folders, name], levels - 1);
      return;
    }
    const partition = parseSpoolFolders(spoolDir, folders);
    if (partition === undefined) reporter.emit('unknown', { path: directory });
    else yield { partition, names: names.sort() };
  }
}
