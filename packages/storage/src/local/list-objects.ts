import { join } from 'node:path';
import { errnoOf, type FileSystem, ifExists } from '@ceres/internal';
import type { ObjectInfo } from '../contract';
import { compareKeys } from '../keys/compare-keys';
import { explained } from './errors';
import { isVolumeFolder, missingRoot, temporaryFolder } from './names/paths';

/** `lstat` calls at a time: libuv has 4 threads by default, and 4 more calls wait so that none of them is idle. */
const lstatsAtOnce = 8;

/** The part of a directory tree that a listing asks for. */
export interface Walk {
  readonly fs: FileSystem;
  readonly rootDir: string;
  readonly prefix: string;
  readonly startAfter: string;
  readonly signal: AbortSignal | undefined;
}

/** An object or a folder. The `key` of a folder ends in `/`, so that both sort as their keys do (`a-b`, then `a/…`). */
interface Entry extends ObjectInfo {
  readonly isFolder: boolean;
}

/**
 * Yields the objects whose keys begin with `base`, which is `''` or a folder with its `/`, in byte order. Keeps the
 * entries of one folder per level in memory. Skips what is not a regular file, such as symbolic links and devices.
 */
export async function* listObjects(walk: Walk, base = ''): AsyncGenerator<ObjectInfo> {
  const purpose = { what: `list "${walk.prefix}" under ${walk.rootDir}`, key: walk.prefix };
  for (const { isFolder, ...info } of await explained(purpose, () => readEntries(walk, base))) {
    walk.signal?.throwIfAborted();
    if (isFolder) yield* listObjects(walk, info.key);
    else yield info;
  }
}

async function readEntries(walk: Walk, base: string): Promise<Entry[]> {
  const folder = join(walk.rootDir, base);
  const names = (await readNames(walk.fs, folder, base)).filter((name) => mayMatch(walk, base + name));
  const entries: Entry[] = [];
  for (let at = 0; at < names.length; at += lstatsAtOnce) {
    walk.signal?.throwIfAborted();
    const found = await Promise.all(
      names.slice(at, at + lstatsAtOnce).map((name) => readEntry(walk.fs, join(folder, name), base + name)),
    );
    for (const entry of found) if (entry !== undefined && matches(walk, entry)) entries.push(entry);
  }
  return entries.sort((a, b) => compareKeys(a.key, b.key));
}

async function readNames(fs: FileSystem, folder: string, base: string): Promise<string[]> {
  try {
    const names = await fs.readdir(folder);
    return base === '' ? names.filter((name) => name !== temporaryFolder) : names;
  } catch (error) {
    const code = errnoOf(error);
    if ((code === 'EACCES' || code === 'EPERM') && isVolumeFolder(base)) return [];
    if (code !== 'ENOENT') throw error;
    if (base === '') throw missingRoot(folder, error);
    return []; // removed since its parent was read
  }
}

async function readEntry(fs: FileSystem, path: string, key: string): Promise<Entry | undefined> {
  const stats = await ifExists(fs.lstat(path));
  if (stats?.isDirectory()) return { key: `${key}/`, sizeBytes: 0, createdMs: 0, isFolder: true };
  if (!stats?.isFile()) return undefined;
  return { key, sizeBytes: stats.size, createdMs: Math.floor(stats.mtimeMs), isFolder: false };
}

/** Returns true if a file or a folder of this name may be part of the listing. Looks at the name alone, to save `lstat` calls. */
function mayMatch(walk: Walk, key: string): boolean {
  return matches(walk, { key, isFolder: false }) || matches(walk, { key: `${key}/`, isFolder: true });
}

function matches({ prefix, startAfter }: Walk, { key, isFolder }: Pick<Entry, 'key' | 'isFolder'>): boolean {
  const fitsPrefix = key.startsWith(prefix) || (isFolder && prefix.startsWith(key));
  const isAfter = compareKeys(key, startAfter) > 0 || (isFolder && startAfter.startsWith(key));
  return fitsPrefix && isAfter;
}
