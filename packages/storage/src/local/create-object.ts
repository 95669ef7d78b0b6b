import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { FileSystem } from '@ceres/internal';
import { errnoOf, writeAll } from '@ceres/internal';
import type { CallOptions, ObjectBody } from '../contract';
import { StorageError } from '../errors';
import { readBody } from '../read-body';
import type { DurableDirectories } from './durable-directories';
import { explained } from './errors';
import type { NameOutcome, ObjectNames } from './object-names';
import { lookUp, objectPath, temporaryFolder } from './paths';
import { readFile } from './read-file';

/** The directory that objects are created in. */
export interface LocalRoot {
  readonly fs: FileSystem;
  readonly rootDir: string;
  readonly directories: DurableDirectories;
  readonly names: ObjectNames;
}

/**
 * tmp → fsync → link → fsync(directory) → unlink tmp. A link, unlike a rename, never overwrites, so among any number of
 * writers exactly one creates; and an object has its name only once its bytes are on the disk.
 */
export async function createObject(
  root: LocalRoot,
  key: string,
  body: ObjectBody,
  { signal }: CallOptions,
): Promise<'created' | 'exists'> {
  const { fs, rootDir, directories } = root;
  const path = objectPath(rootDir, key);
  const doing = { what: `store "${key}" under ${rootDir}`, key };
  signal?.throwIfAborted();
  const place = await explained(doing, () => lookUp(fs, rootDir, key));
  if (place === 'obstacle') throw inTheWay(key, path);
  if (place === 'object' && !root.names.isUncertain(path)) {
    return await nameDurably(root, key, path, async () => 'exists');
  }

  const temporary = join(rootDir, temporaryFolder, randomUUID());
  await explained(doing, () => directories.ensure(dirname(temporary)));
  await explained(doing, () => directories.ensure(dirname(path)));
  try {
    if (place === 'object') return await makeAnew(root, key, temporary, path);
    await writeTemporary(root, temporary, key, readBody(key, body, signal === undefined ? {} : { signal }));
    signal?.throwIfAborted();
    return await nameDurably(root, key, path, () => linkNew(fs, temporary, path));
  } catch (error) {
    // An operator may have removed an old day's folder: the next attempt makes it again.
    if (error instanceof StorageError && errnoOf(error.cause) === 'ENOENT') directories.forget();
    throw error;
  } finally {
    await discard(fs, temporary);
  }
}

async function writeTemporary(
  { fs, rootDir }: LocalRoot,
  path: string,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const doing = { what: `write "${key}" under ${rootDir}`, key };
  const handle = await explained(doing, () => fs.open(path, 'wx'));
  try {
    await writeChunks(chunks, (chunk) => explained(doing, () => writeAll(handle, chunk)));
    await explained(doing, () => handle.sync());
  } finally {
    await explained(doing, () => handle.close());
  }
}

/** Writes each chunk while its checksum is taken and the next is read: the disk does not wait for the hash. */
async function writeChunks(
  chunks: AsyncIterable<Uint8Array>,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  // Settled, not bare: it may fail while nobody waits for it yet, and must end before the file is closed.
  let writing = Promise.allSettled<void>([]);
  try {
    for await (const chunk of chunks) {
      throwIfFailed(await writing);
      writing = Promise.allSettled([write(chunk)]);
    }
  } finally {
    await writing;
  }
  throwIfFailed(await writing);
}

function throwIfFailed(results: readonly PromiseSettledResult<void>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/**
 * The name is ours, and yet may be lost in a crash: the same bytes get it again. They are copied from the object, not taken from the
 * body: whoever has read it meanwhile must not find others there.
 */
async function makeAnew(root: LocalRoot, key: string, temporary: string, path: string): Promise<'created' | 'exists'> {
  const { fs } = root;
  await writeTemporary(root, temporary, key, readFile(fs, path, key, { start: 0, end: Infinity }, undefined));
  return await nameDurably(root, key, path, async () => {
    await fs.rename(temporary, path);
    return 'remade';
  });
}

async function linkNew(fs: FileSystem, from: string, to: string): Promise<'created' | 'exists'> {
  try {
    await fs.link(from, to);
    return 'created';
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return 'exists';
    throw error;
  }
}

/** Also for a name that another writer made: it may not have come to its own fsync, and `exists` says it will last. */
async function nameDurably(
  { rootDir, directories, names }: LocalRoot,
  key: string,
  path: string,
  make: () => Promise<NameOutcome>,
): Promise<'created' | 'exists'> {
  const outcome = await explained({ what: `store "${key}" under ${rootDir}`, key }, async () => {
    await directories.ensure(dirname(path));
    return await names.make(path, make);
  });
  return outcome === 'created' ? 'created' : 'exists';
}

/** A temporary file that cannot be removed now costs only space; it is removed as a leftover, by age. */
async function discard(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

function inTheWay(key: string, path: string): StorageError {
  const what = `"${key}" cannot be stored: at ${path}, or on the way to it, is a folder for a file or a file for a folder.`;
  return new StorageError('INVALID_KEY', `${what} A directory, unlike a bucket, cannot hold both: use another key.`, {
    key,
  });
}
