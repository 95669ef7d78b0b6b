import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Returns a folder of the user's cache that keeps what `fill` put there once.
 *
 * Several processes may fill it at once: each fills a folder of its own, and the first to rename it wins.
 *
 * @param proof a file that is in the folder only if it is complete
 * @param fill puts everything into `folder`, which does not exist yet. `work` is removed afterwards
 */
export async function keptFolder(
  name: string,
  proof: string,
  fill: (places: { readonly folder: string; readonly work: string }) => Promise<void>,
): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ceres');
  const kept = join(cache, name);
  if (await exists(join(kept, proof))) return kept;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpacking-'));
  try {
    const folder = join(work, 'root');
    await fill({ folder, work });
    await rename(folder, kept).catch(async (error: unknown) => {
      if (!(await exists(join(kept, proof)))) throw error;
    });
    return kept;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
