import { join } from 'node:path';
import type { FileSystem } from '@ceres/internal';
import { errnoOf } from '@ceres/internal';
import type { ObjectInfo } from '../contract';
import { compareKeys } from '../keys/compare-keys';
import { explained } from './errors';
import { lstatIfThere, missingRoot, temporaryFolder } from './paths';

/** `lstat` calls at a time: as many as libuv's threads can serve by default, and as many again waiting. */
const lstatsAtOnce = 8;

/** What of the tree is wanted. */
export interface Walk {
  readonly fs: FileSystem;
  readonly rootDir: string;
  readonly prefix: string;
  readonly startAfter: string;
  readonly signal: AbortSignal | undefined;
}

/** An object, or a folder, whose `key` then ends in `/`: so both sort as their keys do (`a-b`, then `a/…`). */
interface Entry extends ObjectInfo {
  readonly isFolder: boolean;
}

/**
 * The objects whose keys begin with `base`, which is `''` or a folder with its `/`, in byte order. Holds one folder's entries at a
 * time for each level. Files that are no objects (symbolic links, devices) are passed over.
 */
export async function* listObjects(walk: Walk, base = ''): AsyncGenerator<ObjectInfo> {
  const doing = { what: `list "${walk.prefix}" under ${walk.rootDir}`, key: walk.prefix };
  for (const { isFolder, ...info } of await explained(doing, () => readEntries(walk, base))) {
    walk.signal?.throwIfAborted();
    if (isFolder) yield* listObjects(walk, info.key);
    else yield info;
  }
}

async function readEntries(walk: Walk, base: string): Promise<Entry[]> {
  const folder = join(walk.rootDir, base);
  const names = (await readNames(walk.fs, folder, base)).filter((name) => mayHold(walk, base + name));
  const entries: Entry[] = [];
  for (let at = 0; at < names.length; at += lstatsAtOnce) {
    walk.signal?.throwIfAborted();
    const found = await Promise.all(
      names.slice(at, at + lstatsAtOnce).map((name) => readEntry(walk.fs, join(folder, name), base + name)),
    );
    for (const entry of found) if (entry !== undefined && isWanted(walk, entry)) entries.push(entry);
  }
  return entries.sort((a, b) => compareKeys(a.key, b.key));
}

async function readNames(fs: FileSystem, folder: string, base: string): Promise<string[]> {
  try {
    const names = await fs.readdir(folder);
    return base === '' ? names.filter((name) => name !== temporaryFolder) : names;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    if (base === '') throw missingRoot(folder, error);
    return []; // removed since its parent was read
  }
}

async function readEntry(fs: FileSystem, path: string, key: string): Promise<Entry | undefined> {
  const stats = await lstatIfThere(fs, path);
  if (stats?.isDirectory()) return { key: `${key}/`, sizeBytes: 0, createdMs: 0, isFolder: true };
  if (!stats?.isFile()) return undefined;
  return { key, sizeBytes: stats.size, createdMs: Math.floor(stats.mtimeMs), isFolder: false };
}

/** Whether, as a file or as a folder, it can hold a wanted key: decided by the name alone, to spare `lstat` calls. */
function mayHold(walk: Walk, key: string): boolean {
  return isWanted(walk, { key, isFolder: false }) || isWanted(walk, { key: `${key}/`, isFolder: true });
}

function isWanted({ prefix, startAfter }: Walk, { key, isFolder }: Pick<Entry, 'key' | 'isFolder'>): boolean {
  const fitsPrefix = key.startsWith(prefix) || (isFolder && prefix.startsWith(key));
  const isAfter = compareKeys(key, startAfter) > 0 || (isFolder && startAfter.startsWith(key));
  return fitsPrefix && isAfter;
}
