import { dirname } from 'node:path';
import { type FileSystem, syncDirectory, writeAll } from '@ceres/storage';
import { readFile } from './read-file';

/** Copies what a broken disk left of a file behind its last verified frame, so that nothing is thrown away unseen. */
export async function keepDamage(fs: FileSystem, path: string, from: number, to: string): Promise<void> {
  const handle = await fs.open(to, 'w');
  try {
    for await (const block of readFile(fs, path, from)) await writeAll(handle, block);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectory(fs, dirname(to));
}
