import { resolve } from 'node:path';
import { type Clock, type FileSystem, ifExists, nodeFileSystem, systemClock } from '@ceres/internal';
import { resolveRange } from '../byte-range';
import type { CallOptions, ObjectBody, ObjectInfo, ObjectReader, ObjectWriter } from '../contract';
import { StorageError } from '../errors';
import { checkPrefix } from '../keys/check-key';
import { check } from '../options';
import { createObject } from './create-object';
import { DurableDirectories } from './durable-directories';
import { explained } from './errors';
import { Leftovers } from './leftovers';
import { listObjects } from './list-objects';
import { ObjectNames } from './names/object-names';
import { lookUp, missingRoot, objectPath } from './names/paths';
import { readFile } from './read-file';
import { Warnings } from './warnings';

export interface LocalStorageOptions {
  /** Default: `node:fs/promises`. */
  readonly fs?: FileSystem;
  /** Tells the age of what crashed writers left behind. Default: the system's clock. */
  readonly clock?: Clock;
}

/**
 * A directory as a bucket: the key `a/b.gz` is the file `a/b.gz` in it. Any number of processes may write at once.
 *
 * The first `put` creates the directory if it is missing; later ones refuse a missing one, since its volume may be unmounted. `list` and `get` refuse a missing one with `NOT_FOUND`, so that
 * a mistyped path never looks like an empty backup. Symbolic links below it are never followed: `put` and `get`
 * refuse them with `INVALID_KEY`, `list` skips them.
 *
 * On a file system without hard links (exFAT, SMB, some FUSE mounts), a writer reserves the name of an object with an empty file and
 * renames the whole object onto it. So nothing is overwritten there either, and an object is whole or empty. An empty file is a
 * name whose writer was killed: the next `put` of that key fills it after a minute. Such a file system cannot hold objects of 0 bytes for
 * good. A warning of the process says once what a file system cannot do.
 *
 * @example
 * ```ts
 * const storage = new LocalStorage('/var/backups/influx');
 * for await (const { key } of storage.list('influxdb-0/')) console.log(key);
 * ```
 */
export class LocalStorage implements ObjectWriter, ObjectReader {
  readonly #fs: FileSystem;
  readonly #rootDir: string;
  readonly #directories: DurableDirectories;
  readonly #names: ObjectNames;
  readonly #leftovers: Leftovers;
  readonly #warnings: Warnings;

  /** @throws StorageError `INVALID_OPTIONS` */
  constructor(rootDir: string, options: LocalStorageOptions = {}) {
    check.names('LocalStorage', options, ['fs', 'clock']);
    check.text('rootDir', rootDir, '/var/backups/influx');
    this.#fs = options.fs ?? nodeFileSystem;
    this.#rootDir = resolve(rootDir);
    this.#warnings = new Warnings(this.#rootDir);
    this.#directories = new DurableDirectories(this.#fs, this.#rootDir, this.#warnings);
    this.#names = new ObjectNames(this.#fs, this.#warnings);
    this.#leftovers = new Leftovers(this.#fs, this.#rootDir, options.clock ?? systemClock);
  }

  async put(key: string, body: ObjectBody, options: CallOptions = {}): Promise<'created' | 'exists'> {
    const root = {
      fs: this.#fs,
      rootDir: this.#rootDir,
      directories: this.#directories,
      names: this.#names,
      warnings: this.#warnings,
    };
    const outcome = await createObject(root, key, body, options);
    await this.#leftovers.sweepIfDue();
    return outcome;
  }

  async *list(
    prefix: string,
    options: CallOptions & { readonly startAfter?: string } = {},
  ): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    const { signal, startAfter = '' } = options;
    signal?.throwIfAborted();
    yield* listObjects({ fs: this.#fs, rootDir: this.#rootDir, prefix, startAfter, signal });
  }

  async *get(
    key: string,
    options: CallOptions & { readonly start?: number; readonly end?: number } = {},
  ): AsyncGenerator<Uint8Array> {
    const path = objectPath(this.#rootDir, key);
    const range = resolveRange(key, options);
    options.signal?.throwIfAborted();
    const place = await explained({ what: `read ${path}`, key }, () => lookUp(this.#fs, this.#rootDir, key));
    if (place !== 'object') throw await this.#notFound(key);
    yield* readFile(this.#fs, path, key, range, options.signal);
  }

  async #notFound(key: string): Promise<StorageError> {
    if ((await ifExists(this.#fs.lstat(this.#rootDir))) === undefined) return missingRoot(this.#rootDir);
    return new StorageError('NOT_FOUND', `There is no object "${key}" under ${this.#rootDir}.`, { key });
  }
}
