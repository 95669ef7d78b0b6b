import { join } from 'node:path';
import { errnoOf, makeDirectoryDurable } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { SinkError } from '../errors';
import type { SpoolDirectories } from './disk/directories';
import { ownFolder } from './layout';

/** Of the spool's layout, see layout.ts. A later version that changes it counts this up. */
const formatVersion = 1;

const formatPattern = /^format-(\d{1,9})$/;
const lastNamePattern = /^last-name-(\d{15})$/;

interface OwnDisk {
  readonly fs: FileSystem;
  readonly directories: SpoolDirectories;
}

/**
 * What the spool remembers beside its files, as names of empty files: a rename is atomic and needs no space on a full disk.
 *
 * - `format-1`
 * - `last-name-<ms>`: no name up to this moment may be issued again. It is raised before a stored file is removed; the
 *   names still in the spool speak for themselves.
 */
export class OwnFolder {
  readonly path: string;
  readonly #fs: FileSystem;
  readonly #directories: SpoolDirectories;
  #lastNameMs = 0;
  /** The greatest that was ever tried: one that failed may be there, and yet be lost in a crash. */
  #triedMs = 0;
  #wantedMs = 0;
  #raising: Promise<void> | undefined;

  private constructor({ fs, directories }: OwnDisk, path: string) {
    this.#fs = fs;
    this.#directories = directories;
    this.path = path;
  }

  /**
   * Makes it in a new spool, and no more: the spool may be another sink's.
   *
   * @throws SinkError `SPOOL_NEWER`; the file system's error
   */
  static async open(disk: OwnDisk, spoolDir: string): Promise<OwnFolder> {
    const { fs } = disk;
    const folder = new OwnFolder(disk, join(spoolDir, ownFolder));
    await makeDirectoryDurable(fs, spoolDir, folder.path);
    const format = largest(await fs.readdir(folder.path), formatPattern);
    if (format > formatVersion) {
      throw new SinkError(
        'SPOOL_NEWER',
        `The spool ${spoolDir} is of format ${format}, and this version knows ${formatVersion}: install the version that wrote it, or give this sink another spoolDir.`,
      );
    }
    if (format === 0) await folder.#create(`format-${formatVersion}`);
    return folder;
  }

  /** To be called when the spool is ours: up to that moment its owner may have stored files, and issued names. */
  async takeOver(): Promise<void> {
    const names = await this.#fs.readdir(this.path);
    // Now, while there is room: a spool must be able to drain on a full disk.
    if (!names.some((name) => lastNamePattern.test(name))) await this.#create(lastName(0));
    this.#lastNameMs = this.#triedMs = largest(names, lastNamePattern);
  }

  get lastNameMs(): number {
    return this.#lastNameMs;
  }

  /** Resolves when no name up to `ms` can be issued again, whatever happens. Callers at the same time share an fsync. */
  async rememberName(ms: number): Promise<void> {
    this.#wantedMs = Math.max(this.#wantedMs, ms);
    while (this.#lastNameMs < ms) {
      this.#raising ??= this.#raise(this.#wantedMs).finally(() => {
        this.#raising = undefined;
      });
      await this.#raising;
    }
  }

  async #raise(wantedMs: number): Promise<void> {
    const ms = Math.max(wantedMs, this.#triedMs + 1);
    const names = this.#triedMs === this.#lastNameMs ? [] : await this.#fs.readdir(this.path);
    const before = Math.max(this.#lastNameMs, largest(names, lastNamePattern));
    this.#triedMs = ms;
    await this.#directories.change(this.path, () => this.#rename(lastName(before), lastName(ms)));
    this.#lastNameMs = ms;
  }

  async #rename(from: string, to: string): Promise<void> {
    try {
      await this.#fs.rename(join(this.path, from), join(this.path, to));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error; // somebody removed it
      await this.#touch(to);
    }
  }

  async #create(name: string): Promise<void> {
    await this.#directories.change(this.path, () => this.#touch(name));
  }

  async #touch(name: string): Promise<void> {
    const handle = await this.#fs.open(join(this.path, name), 'w');
    await handle.close();
  }
}

function lastName(ms: number): string {
  return `last-name-${String(ms).padStart(15, '0')}`;
}

function largest(names: readonly string[], pattern: RegExp): number {
  return Math.max(0, ...names.map((name) => Number(pattern.exec(name)?.[1] ?? 0)));
}
