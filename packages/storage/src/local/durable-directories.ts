import { join } from 'node:path';
import { type FileSystem, ifExists, makeDirectoriesBelow, makeDirectoryDurable } from '@ceres/internal';
import { StorageError } from '../errors';
import { temporaryFolder } from './names/paths';
import type { Warnings } from './warnings';

/** What tells a root from the directory below an unmounted volume. */
interface Identity {
  readonly dev?: number;
  readonly ino?: number;
}

/**
 * Makes directories below the root durable, each of them only once.
 *
 * The first call creates the root if it is missing. After that, neither the root nor the folder of unfinished files is ever created again:
 * where a volume was unmounted, objects would land on the disk below it, be called stored, and be missing once it is back.
 */
export class DurableDirectories {
  readonly #fs: FileSystem;
  readonly #base: string;
  /** The folder of unfinished files. */
  readonly #folder: string;
  readonly #warnings: Warnings;
  /** Holds at most 10,000 paths: forgetting them costs a few fsyncs, remembering more costs memory. */
  readonly #made = new Set<string>();
  /** The folder of unfinished files as the first call found it. */
  #first: Identity | undefined;

  constructor(fs: FileSystem, base: string, warnings: Warnings) {
    this.#fs = fs;
    this.#base = base;
    this.#folder = join(base, temporaryFolder);
    this.#warnings = warnings;
  }

  /** @throws StorageError `UNAVAILABLE` if the root is gone; the file system's error */
  async ensure(path: string): Promise<void> {
    if (this.#made.has(path)) return;
    if (this.#first === undefined) await this.#makeRoot();
    else await this.assertSameRoot();
    if (path !== this.#folder) this.#warnUnless(await makeDirectoriesBelow(this.#fs, this.#base, path));
    if (this.#made.size >= 10_000) this.#made.clear();
    this.#made.add(path);
  }

  /** Forgets what it has made. Call it when a directory is gone, for example because an operator removed old days. */
  forget(): void {
    this.#made.clear();
  }

  /**
   * Checks that the root is the directory that it was. A volume that is mounted again may have another device number or, under FUSE, other
   * inode numbers; the disk below it differs in both.
   *
   * @throws StorageError `UNAVAILABLE`
   */
  async assertSameRoot(): Promise<void> {
    const now: Identity | undefined = await ifExists(this.#fs.lstat(this.#folder));
    if (now !== undefined && (now.dev === this.#first?.dev || now.ino === this.#first?.ino)) return;
    const what = `The directory ${this.#base} is not the one that this storage began with: its volume was unmounted, or the directory was removed.`;
    const then = `Mount the volume again. If ${temporaryFolder} was removed from it on purpose, create that folder again.`;
    throw new StorageError('UNAVAILABLE', `${what} ${then}`);
  }

  async #makeRoot(): Promise<void> {
    this.#warnUnless(await makeDirectoryDurable(this.#fs, this.#base, this.#folder));
    this.#first ??= (await this.#fs.lstat(this.#folder)) as Identity;
  }

  #warnUnless(isDurable: boolean): void {
    if (!isDurable) this.#warnings.noDirectoryFsync();
  }
}
