import { statfs } from 'node:fs/promises';
import type { NameMap } from '../options/name-map';
import type { PlanSource } from '../plan/plan';

/**
 * How many bytes of TSM files a byte of compressed lines may become: 1.2 for few series with many points each and 2.2 for many series with few
 * (measured), and more where lines repeat themselves. Twice that while runs are merged.
 */
const COMPILED_FACTOR = 3;
const WORK_FACTOR = 4;

/** Returns the compressed bytes of each database of a plan, by their names on the server, the largest first. */
export function databaseSizes({ partitions }: Pick<PlanSource, 'partitions'>, map: NameMap): readonly number[] {
  const sizes = new Map<string, number>();
  for (const { database, bytes } of partitions) {
    const name = map.database(database);
    sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  }
  return [...sizes.values()].sort((a, b) => b - a);
}

/** Returns what the shards of compressed lines may take. */
export function compiledBytes(bytes: number): number {
  return COMPILED_FACTOR * bytes;
}

/** Returns what the scratch folder may hold while compressed lines are compiled. */
export function workBytes(bytes: number): number {
  return WORK_FACTOR * bytes;
}

/** The space of a file system that is free. */
export interface FreeSpace {
  readonly free: number;
  readonly type: number;
}

/** Resolves with the free space below a folder; `undefined` if it cannot be asked, which is noticed when the disk is full. */
export async function freeIn(path: string): Promise<FreeSpace | undefined> {
  try {
    const { bavail, bsize, type } = await statfs(path);
    return { free: bavail * bsize, type };
  } catch {
    return undefined;
  }
}
