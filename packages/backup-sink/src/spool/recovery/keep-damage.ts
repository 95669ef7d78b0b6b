import { dirname } from 'node:path';
import { ifExists, writeAll } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import type { SpoolDisk } from '../disk/directories';
import { readFile } from '../disk/read-file';
import { isDiskFull } from '../disk/reserve';

/**
 * Keeps what a broken disk left of a file behind its last verified frame, so that nothing is thrown away unseen. A full disk has no
 * room for a copy: `to` then becomes a second name of the whole file. Resolves with `'linked'` in that case: the file must not
 * be written to any more.
 *
 * @throws the file system's error, also that of a full disk without hard links, or without room for a name
 */
export async function keepDamage(
  { fs, directories }: SpoolDisk,
  path: string,
  from: number,
  to: string,
): Promise<'copied' | 'linked'> {
  return await directories.change(dirname(to), async () => {
    try {
      await copyRest(fs, path, from, to);
      return 'copied';
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      await ifExists(fs.unlink(to));
      await fs.link(path, to).catch(() => {
        throw error;
      });
      return 'linked';
    }
  });
}

/** Makes a new file in any case: an earlier attempt may have made `to` a second name of the file that is read. */
async function copyRest(fs: FileSystem, path: string, from: number, to: string): Promise<void> {
  await ifExists(fs.unlink(to));
  const handle = await fs.open(to, 'wx');
  try {
    for await (const block of readFile(fs, path, from)) await writeAll(handle, block);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
