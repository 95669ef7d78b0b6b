import { join } from 'node:path';
import { errnoOf, greatest, makeDirectoryDurable } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { SinkError } from '../errors';
import type { SpoolDirectories, SpoolDisk } from './disk/directories';
import { isDiskFull, Reserve } from './disk/reserve';
import { ownFolder } from './layout';

/** The version of the spool's layout (layout.ts). A version of this package that changes it increases this. */
const formatVersion = 1;

const formatPattern = /^format-(\d{1,9})$/;
const lastNamePattern = /^last-name-(\d{15})$/;
const sinkPattern = /^sink-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * The folder in which the spool remembers what its other files do not say, as names of empty files: a new name for a file needs
 * no space on a full disk.
 *
 * - `format-1`: the version of the layout.
 * - `last-name-<ms>`: no name up to this moment may be issued again. It is raised before a stored file is removed; names
 *   that are still in the spool need no record.
 * - `sink-<UUID>`: the id under which this spool's ledger is stored, whichever process has the spool.
 *
 * It holds the ledger (ledger/), the lock (lock/lock-files.ts) and the reserve for a full disk, too.
 */
export class OwnFolder {
  readonly path: string;
  readonly #fs: FileSystem;
  readonly #directories: SpoolDirectories;
  readonly #reserve: Reserve;
  #lastNameMs = 0;
  /** The greatest that was ever tried: a rename that failed may be visible, and still be lost in a crash. */
  #triedMs = 0;
  #wantedMs = 0;
  #raising: Promise<void> | undefined;
  #reserving: Promise<void> | undefined;

  private constructor({ fs, directories }: SpoolDisk, path: string) {
    this.#fs = fs;
    this.#directories = directories;
    this.path = path;
    this.#reserve = new Reserve(fs, path);
  }

  /**
   * Opens the folder, and makes it in a new spool. It changes nothing else: the spool may belong to another sink.
   *
   * @throws SinkError `SPOOL_NEWER`; the file system's error
   */
  static async open(disk: SpoolDisk, spoolDir: string): Promise<OwnFolder> {
    const { fs } = disk;
    const folder = new OwnFolder(disk, join(spoolDir, ownFolder));
    await makeDirectoryDurable(fs, spoolDir, folder.path);
    const format = knownFormat(spoolDir, await fs.readdir(folder.path));
    if (format === 0) await folder.#create(`format-${formatVersion}`);
    return folder;
  }

  /** Reads the last name. Call it once the lock is held: until then the owner may store files and issue names. */
  async takeOver(): Promise<void> {
    const names = await this.#fs.readdir(this.path);
    if (!names.some((name) => formatPattern.test(name))) await this.#writeFormatAgain();
    // Made now, while there is room: a spool must be able to drain on a full disk.
    if (!names.some((name) => lastNamePattern.test(name))) await this.#create(lastName(0));
    this.#lastNameMs = this.#triedMs = largest(names, lastNamePattern);
  }

  /** Resolves with the id of the sink that this spool belongs to; one that has none gets this one. @throws the file system's error */
  async sinkId(otherwise: string): Promise<string> {
    const ids = (await this.#fs.readdir(this.path)).map((name) => sinkPattern.exec(name)?.[1]);
    const [known] = ids.filter((id) => id !== undefined).sort();
    if (known !== undefined) return known;
    await this.#create(`sink-${otherwise}`);
    return otherwise;
  }

  /** The lock may have needed its inode (lock/lock-files.ts). If there still is no room, the next open makes it: none means this format. */
  async #writeFormatAgain(): Promise<void> {
    try {
      await this.#create(`format-${formatVersion}`);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  }

  get lastNameMs(): number {
    return this.#lastNameMs;
  }

  /** Resolves when no name up to `ms` can be issued again, whatever happens. Calls made at the same time share an fsync. */
  async rememberName(ms: number): Promise<void> {
    this.#wantedMs = Math.max(this.#wantedMs, ms);
    while (this.#lastNameMs < ms) {
      this.#raising ??= this.#raise(this.#wantedMs).finally(() => {
        this.#raising = undefined;
      });
      await this.#raising;
    }
  }

  /**
   * Makes what the reserve lacks, as far as there is room. Call it only while the lock is held.
   *
   * @throws the file system's error if it is another one than a full disk
   */
  async keepReserve(): Promise<void> {
    this.#reserving ??= this.#refill().finally(() => {
      this.#reserving = undefined;
    });
    await this.#reserving;
  }

  async #refill(): Promise<void> {
    if (!(await this.#reserve.lacksFiles())) return;
    await this.#directories.change(this.path, () => this.#reserve.refill());
  }

  async #raise(wantedMs: number): Promise<void> {
    const ms = Math.max(wantedMs, this.#triedMs + 1);
    const names = this.#triedMs === this.#lastNameMs ? [] : await this.#fs.readdir(this.path);
    const before = Math.max(this.#lastNameMs, largest(names, lastNamePattern));
    this.#triedMs = ms;
    await this.#move(lastName(before), lastName(ms));
    this.#lastNameMs = ms;
  }

  async #move(from: string, to: string): Promise<void> {
    try {
      await this.#directories.move(join(this.path, from), join(this.path, to));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error; // it was removed by hand
      await this.#create(to);
    }
  }

  async #create(name: string): Promise<void> {
    await this.#directories.change(this.path, () => this.#touch(name));
  }

  async #touch(name: string): Promise<void> {
    const path = join(this.path, name);
    try {
      const handle = await this.#fs.open(path, 'w');
      await handle.close();
    } catch (error) {
      if (!isDiskFull(error) || !(await this.#reserve.takeAs(path))) throw error;
    }
  }
}

/**
 * Returns the format that the names in a spool's own folder say, or 0 if none does.
 *
 * @throws SinkError `SPOOL_NEWER`
 */
export function knownFormat(spoolDir: string, names: readonly string[]): number {
  const format = largest(names, formatPattern);
  if (format <= formatVersion) return format;
  throw new SinkError(
    'SPOOL_NEWER',
    `The spool ${spoolDir} has format ${format}, and this version of the package knows format ${formatVersion}. Install the version that wrote it, or give this sink another spoolDir.`,
  );
}

function lastName(ms: number): string {
  return `last-name-${String(ms).padStart(15, '0')}`;
}

function largest(names: readonly string[], pattern: RegExp): number {
  return greatest(
    names.map((name) => Number(pattern.exec(name)?.[1] ?? 0)),
    0,
  );
}
