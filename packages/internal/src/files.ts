import { dirname, resolve } from 'node:path';

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
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
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

/** Writes all bytes at the file's own position: one `write` may take fewer than it is given. */
export async function writeAll(file: WritableFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at, null);
    if (bytesWritten === 0) throw new Error(`A write of ${bytes.byteLength - at} bytes wrote nothing.`);
    at += bytesWritten;
  }
}

/** Makes what was linked, renamed or unlinked in a directory before this call survive a crash of the host. */
export async function syncDirectory(fs: Pick<DirectoryCalls, 'open'>, path: string): Promise<void> {
  const handle = await fs.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Creates `path`, `base` and every directory between them, and fsyncs the parent of each: a file is lost together with a
 * directory whose name is not durable. The parents are fsynced even if the directories existed, since another process
 * may have created them a moment ago. Above `base`, only the parents of missing directories are fsynced.
 */
export async function makeDirectoryDurable(fs: DirectoryCalls, base: string, path: string = base): Promise<void> {
  const top = await highestMissing(fs, resolve(base));
  await fs.mkdir(path, { recursive: true });
  for (const parent of parentsDown(top, resolve(path))) await syncDirectory(fs, parent);
}

/** Returns the parents of `top`, of `bottom`, and of all between, outermost first. */
function parentsDown(top: string, bottom: string): string[] {
  const parents = [];
  for (let path = bottom; ; path = dirname(path)) {
    parents.unshift(dirname(path));
    if (path === top || path === dirname(path)) return parents;
  }
}

/** Returns the highest missing directory at or above `base`, or `base` if it exists. */
async function highestMissing(fs: DirectoryCalls, base: string): Promise<string> {
  let top = base;
  for (let path = base; (await ifExists(fs.lstat(path))) === undefined; path = dirname(path)) top = path;
  return top;
}
