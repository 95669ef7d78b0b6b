import { dirname } from 'node:path';
import { writeAll } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import type { SpoolDisk } from '../disk/directories';
import { readFile } from '../disk/read-file';

/** Copies what a broken disk left of a file behind its last verified frame, so that nothing is thrown away unseen. */
export async function keepDamage(
  { fs, directories }: SpoolDisk,
  path: string,
  from: number,
  to: string,
): Promise<void> {
  await directories.change(dirname(to), () => copyRest(fs, path, from, to));
}

async function copyRest(fs: FileSystem, path: string, from: number, to: string): Promise<void> {
  const handle = await fs.open(to, 'w');
  try {
    for await (const block of readFile(fs, path, from)) await writeAll(handle, block);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
