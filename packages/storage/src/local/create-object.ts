import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { errnoOf, type FileSystem, lacksHardLinks, writeAll } from '@ceres/internal';
import type { CallOptions, ObjectBody } from '../contract';
import { StorageError } from '../errors';
import { readBody } from '../read-body';
import type { DurableDirectories } from './durable-directories';
import { explained } from './errors';
import type { NameOutcome, ObjectNames } from './names/object-names';
import { lookUp, objectPath, temporaryFolder } from './names/paths';
import { fillReserved, maybeReserved, reserveAndRename } from './names/reserved-names';
import { readFile } from './read-file';
import type { Warnings } from './warnings';

/** The directory that holds the objects, and what this process knows of the names in it. */
export interface LocalRoot {
  readonly fs: FileSystem;
  readonly rootDir: string;
  readonly directories: DurableDirectories;
  readonly names: ObjectNames;
  readonly warnings: Warnings;
}

/**
 * Creates an object: tmp → fsync → link → fsync(directory) → unlink tmp. A link, unlike a rename, never overwrites, so that
 * exactly one of any number of writers creates the object. It gets its name only when its bytes are on the disk. Where there are no
 * hard links, see reserved-names.ts.
 */
export async function createObject(
  root: LocalRoot,
  key: string,
  body: ObjectBody,
  { signal }: CallOptions,
): Promise<'created' | 'exists'> {
  const { fs, rootDir, directories } = root;
  const path = objectPath(rootDir, key);
  const purpose = { what: `store "${key}" under ${rootDir}`, key };
  signal?.throwIfAborted();
  const place = await explained(purpose, () => lookUp(fs, rootDir, key));
  if (place === 'obstacle') throw obstructed(key, path);
  const reserved = place === 'object' && (await explained(purpose, () => maybeReserved(fs, path, body)));
  if (place === 'object' && !reserved && !root.names.isUncertain(path)) {
    return await nameDurably(root, key, path, async () => 'exists');
  }

  const temporary = join(rootDir, temporaryFolder, randomUUID());
  await explained(purpose, () => directories.ensure(dirname(temporary)));
  await explained(purpose, () => directories.ensure(dirname(path)));
  try {
    if (place === 'object' && !reserved) return await remake(root, key, temporary, path);
    await writeTemporary(root, temporary, key, readBody(key, body, { signal }));
    signal?.throwIfAborted();
    await explained(purpose, () => directories.assertSameRoot());
    return await nameDurably(root, key, path, async () => {
      const outcome = await linkNew(root, temporary, path);
      const isEmpty = outcome === 'exists' && (await maybeReserved(fs, path, body));
      return isEmpty ? await fillReserved(fs, key, temporary, path) : outcome;
    });
  } catch (error) {
    // An operator may have removed the folder of an old day: the next attempt makes it again.
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
  const purpose = { what: `write "${key}" under ${rootDir}`, key };
  const handle = await explained(purpose, () => fs.open(path, 'wx'));
  try {
    await writeChunks(chunks, (chunk) => explained(purpose, () => writeAll(handle, chunk)));
    await explained(purpose, () => handle.sync());
  } finally {
    await explained(purpose, () => handle.close());
  }
}

/** Writes each chunk while its checksum is computed and the next one is read, so that the disk does not wait for the hash. */
async function writeChunks(
  chunks: AsyncIterable<Uint8Array>,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  // allSettled, since a write may fail before it is awaited, which must not be an unhandled rejection. It must also end
  // before the file is closed.
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
 * Makes a name of this process again that a crash may lose, with the bytes that the object has. They are copied from the
 * object, not read from the body: a reader that has seen the object must never find other bytes in it.
 */
async function remake(root: LocalRoot, key: string, temporary: string, path: string): Promise<'created' | 'exists'> {
  const { fs } = root;
  await writeTemporary(root, temporary, key, readFile(fs, path, key, { start: 0, end: Infinity }, undefined));
  return await nameDurably(root, key, path, async () => {
    await fs.rename(temporary, path);
    return 'remade';
  });
}

async function linkNew(root: LocalRoot, from: string, to: string): Promise<'created' | 'exists'> {
  try {
    await root.fs.link(from, to);
    return 'created';
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return 'exists';
    if (!lacksHardLinks(error)) throw error;
    root.warnings.noHardLinks();
    return await reserveAndRename(root.fs, from, to);
  }
}

/**
 * Makes an object's name with `make`, and makes it durable. A name that another writer made is made durable too: that writer
 * may crash before its own fsync, and the answer `exists` promises that the object will last.
 */
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

/** Removes a temporary file. One that cannot be removed costs only space: a later sweep of leftovers removes it. */
async function discard(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.unlink(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

function obstructed(key: string, path: string): StorageError {
  const what = `Cannot store "${key}": ${path} is a folder, or one of its folders is a file.`;
  const message = `${what} A directory, unlike a bucket, cannot hold both. Use another key.`;
  return new StorageError('INVALID_KEY', message, { key });
}
