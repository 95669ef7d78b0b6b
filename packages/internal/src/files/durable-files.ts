import { dirname, relative, resolve, sep } from 'node:path';

/** The part of an open file that {@link writeAll} needs. */
export interface WritableFile {
  write(
    buffer: Uint8Array,
    offset?: number,
    length?: number,
    position?: number | null,
  ): Promise<{ readonly bytesWritten: number }>;
}

/** The calls of `node:fs/promises` that make the names in a directory durable. */
export interface DirectoryCalls {
  open(path: string, flags: string): Promise<{ sync(): Promise<void>; close(): Promise<void> }>;
  mkdir(path: string, options?: { readonly recursive: boolean }): Promise<unknown>;
  lstat(path: string): Promise<unknown>;
}

/** Returns the errno name of a failed file or network call, such as `ENOENT`, or `undefined` for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** Returns what a file call returns, or `undefined` if it finds no file or no directory on its way. */
export async function ifExists<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes all bytes, at `position` or at the file's own: one `write` may take fewer than it is given. */
export async function writeAll(file: WritableFile, bytes: Uint8Array, position?: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(
      bytes,
      at,
      bytes.byteLength - at,
      position === undefined ? null : position + at,
    );
    if (bytesWritten === 0) throw new Error(`A write of ${bytes.byteLength - at} bytes wrote nothing.`);
    at += bytesWritten;
  }
}

/** What a file system answers that cannot fsync a directory at all: network mounts, FUSE, Windows. A disk that fails answers `EIO`. */
const refusedFsyncs = new Set(['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EBADF']);

/** What a file system answers that has no hard links: exFAT, SMB, some FUSE mounts. */
const refusedLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Returns true for the error of a `link` on a file system that has no hard links, or no more of them for this file. */
export function lacksHardLinks(error: unknown): boolean {
  return refusedLinks.has(errnoOf(error) ?? '');
}

/**
 * Makes what was linked, renamed or unlinked in a directory before this call survive a crash of the host. Resolves with `false` where the
 * file system cannot fsync directories: then the names survive a crash of the process, and perhaps not one of the host.
 */
export async function syncDirectory(fs: Pick<DirectoryCalls, 'open'>, path: string): Promise<boolean> {
  const handle = await unlessRefused(fs.open(path, 'r'));
  if (handle === undefined) return false;
  try {
    return (await unlessRefused(handle.sync().then(() => true))) ?? false;
  } finally {
    await handle.close();
  }
}

async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (refusedFsyncs.has(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

/**
 * Creates `path`, `base` and every directory between them, and fsyncs the parent of each: a file is lost together with a
 * directory whose name is not durable. The parents are fsynced even if the directories existed, since another process
 * may have created them a moment ago. Above `base`, only the parents of missing directories are fsynced.
 *
 * A parent that may be traversed but not read cannot be fsynced. If `base` existed, another user made it, and its name is left
 * to them. Resolves with `false` if the file system cannot fsync directories, or this user may not fsync the parent of a
 * directory that this call made: a crash of the host may lose the new names.
 */
export async function makeDirectoryDurable(fs: DirectoryCalls, base: string, path: string = base): Promise<boolean> {
  const bottom = resolve(base);
  const missing = await highestMissing(fs, bottom);
  await fs.mkdir(path, { recursive: true });
  const top = missing ?? bottom;
  let isDurable = true;
  for (const parent of parentsDown(top, resolve(path))) {
    const isOutermost = parent === dirname(top);
    const synced = await (isOutermost ? syncIfReadable(fs, parent) : syncDirectory(fs, parent));
    isDurable &&= synced ?? missing === undefined;
  }
  return isDurable;
}

/** Resolves with `undefined` if this user may not read the directory, as one of mode 0711. */
async function syncIfReadable(fs: DirectoryCalls, path: string): Promise<boolean | undefined> {
  try {
    return await syncDirectory(fs, path);
  } catch (error) {
    if (errnoOf(error) === 'EACCES') return undefined;
    throw error;
  }
}

/**
 * Creates the missing directories below `base`, down to `path`, and makes their names durable. It never creates `base`: where a volume
 * was unmounted, that would put files on the disk below the mount point, where no one looks for them. Resolves as
 * `makeDirectoryDurable` does.
 *
 * @throws the file system's error: `ENOENT` if `base` is missing
 */
export async function makeDirectoriesBelow(fs: DirectoryCalls, base: string, path: string): Promise<boolean> {
  let isDurable = true;
  let parent = resolve(base);
  await fs.lstat(parent);
  for (const name of relative(parent, resolve(path)).split(sep)) {
    if (name === '') continue;
    const directory = `${parent === sep ? '' : parent}${sep}${name}`;
    await makeDirectory(fs, directory);
    isDurable = (await syncDirectory(fs, parent)) && isDurable;
    parent = directory;
  }
  return isDurable;
}

/** Creates one directory; leaves one that is there alone. */
export async function makeDirectory(fs: Pick<DirectoryCalls, 'mkdir'>, path: string): Promise<void> {
  try {
    await fs.mkdir(path);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/** Returns the parents of `top`, of `bottom`, and of all between, outermost first. */
function parentsDown(top: string, bottom: string): string[] {
  const parents = [];
  for (let path = bottom; ; path = dirname(path)) {
    parents.unshift(dirname(path));
    if (path === top || path === dirname(path)) return parents;
  }
}

/** Returns the highest missing directory at or above `base`, or `undefined` if `base` exists. */
async function highestMissing(fs: DirectoryCalls, base: string): Promise<string | undefined> {
  let top: string | undefined;
  for (let path = base; (await ifExists(fs.lstat(path))) === undefined; path = dirname(path)) top = path;
  return top;
}
