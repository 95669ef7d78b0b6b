import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errnoOf } from '@ceres/internal';
import type { RestorePlan } from '@ceres/restore';
import { DrillError } from './errors';

/** What a byte of compressed lines may become in a server, and while it is compiled (as for a native restore). */
const storedFactor = 3;
const workFactor = 4;
/** What a server takes before it holds anything. */
const serverBytes = 16 * 1024 * 1024;

/** Returns the free bytes below a folder, or below the next one above that exists; `undefined` if it cannot be asked. */
export async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    const parent = dirname(resolve(path));
    return errnoOf(error) === 'ENOENT' && parent !== path ? await freeBytes(parent) : undefined;
  }
}

/**
 * Refuses a drill whose data may not fit, before anything is restored.
 *
 * @param hasServer the throwaway server stores its data there, too
 * @throws DrillError `NO_SPACE`
 */
export function refuseLackOfSpace(
  { partitions, bytes }: Pick<RestorePlan, 'partitions' | 'bytes'>,
  {
    folder,
    free,
    hasServer,
  }: { readonly folder: string; readonly free: number | undefined; readonly hasServer: boolean },
): void {
  const sizes = new Map<string, number>();
  for (const partition of partitions) {
    sizes.set(partition.database, (sizes.get(partition.database) ?? 0) + partition.bytes);
  }
  const [largest = 0] = [...sizes.values()].sort((a, b) => b - a);
  const needed = workFactor * largest + (hasServer ? storedFactor * bytes + serverBytes : 0);
  if (free === undefined || free >= needed) return;
  const todo = 'Free space there, choose another folder with workDir (--work-dir), or drill a part (--sample 10)';
  throw new DrillError('NO_SPACE', `The drill may need ${needed} bytes in ${folder}, which has ${free}. ${todo}.`);
}
