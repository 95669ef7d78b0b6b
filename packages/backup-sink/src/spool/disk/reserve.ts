import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { errnoOf, ifExists, writeAll } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';

/** Enough for the claim and the lease of a new owner, the link between them (on tmpfs a hard link takes an inode), and one lost in a crash. */
const files = 4;

/** One block of most file systems. The bytes are random, because some file systems do not store zeros. */
const sizeBytes = 4096;

/** The reserve would take what the first partitions need from a disk that can hold fewer files than this. */
const diskFilesMin = 128;

const pattern = /^reserve-\d$/;
const temporaryPattern = /^reserve-\d\.[0-9a-f]{8}\.tmp$/;

/** Says if an error means that the disk, or what this user may have of it, is full. */
export function isDiskFull(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOSPC' || errno === 'EDQUOT';
}

/**
 * Files of one block each, made in advance: they hold the inodes and the blocks without which a spool on a full disk could not be
 * opened, and so would never drain. A reserved file is renamed to the file that is needed and overwritten in place, which takes no
 * room on most file systems; or it is removed, where only a name is needed.
 *
 * A file gets its reserved name once it is whole and closed, and a rename has one winner: no two processes ever write to one.
 */
export class Reserve {
  readonly #fs: FileSystem;
  readonly #folder: string;

  constructor(fs: FileSystem, folder: string) {
    this.#fs = fs;
    this.#folder = folder;
  }

  /** Returns true if something of the reserve is missing, and the disk is not too small for it. */
  async lacksFiles(): Promise<boolean> {
    if ((await this.#missing()).length === 0) return false;
    const diskFiles = await this.#diskFiles();
    return diskFiles === 0 || diskFiles >= diskFilesMin;
  }

  /** Resolves with the number of files that the disk can hold; 0 if it is unlimited or not known. */
  async #diskFiles(): Promise<number> {
    try {
      return (await this.#fs.statfs?.(this.#folder))?.files ?? 0;
    } catch {
      return 0; // then the disk counts as a usual one
    }
  }

  /**
   * Makes what is missing, as far as there is room. Only the owner of the spool may call it, one call at a time.
   *
   * @throws the file system's error if it is another one than a full disk
   */
  async refill(): Promise<void> {
    for (const name of await this.#fs.readdir(this.#folder)) {
      if (temporaryPattern.test(name)) await ifExists(this.#fs.unlink(join(this.#folder, name)));
    }
    const missing = await this.#missing();
    const outcomes = await Promise.allSettled(missing.map((path) => this.#make(path)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected' && !isDiskFull(outcome.reason)) throw outcome.reason;
    }
  }

  /** Runs `work`. On a full disk, gives up one reserved file after the other, and repeats it. It must do nothing if it fails. */
  async making(work: () => Promise<void>): Promise<void> {
    for (const reserved of await this.#present()) {
      try {
        return await work();
      } catch (error) {
        if (!isDiskFull(error)) throw error;
      }
      await ifExists(this.#fs.unlink(reserved));
    }
    await work();
  }

  /**
   * Renames a reserved file to `path`, whatever is there: its content is one block of anything, to be overwritten in place. Resolves
   * with `false` if nothing is reserved.
   */
  async takeAs(path: string): Promise<boolean> {
    for (const reserved of await this.#present()) {
      if (await renameIfThere(this.#fs, reserved, path)) return true;
    }
    return false;
  }

  /** Removes a file that has no other name, or keeps it as a part of the reserve that is missing. Does nothing if it is gone. */
  async giveBack(path: string): Promise<void> {
    const [reserved] = await this.#missing();
    if (reserved === undefined) await ifExists(this.#fs.unlink(path));
    else await renameIfThere(this.#fs, path, reserved);
  }

  async #make(path: string): Promise<void> {
    const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
    const handle = await this.#fs.open(temporary, 'wx');
    try {
      try {
        await writeAll(handle, randomBytes(sizeBytes));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#fs.rename(temporary, path);
    } catch (error) {
      await ifExists(this.#fs.unlink(temporary));
      throw error;
    }
  }

  async #present(): Promise<string[]> {
    const names = await this.#fs.readdir(this.#folder);
    return names.filter((name) => pattern.test(name)).map((name) => join(this.#folder, name));
  }

  async #missing(): Promise<string[]> {
    const present = new Set(await this.#present());
    const all = Array.from({ length: files }, (_, n) => join(this.#folder, `reserve-${n + 1}`));
    return all.filter((path) => !present.has(path));
  }
}

/** Resolves with `false` if there is no such file. */
export async function renameIfThere(fs: FileSystem, from: string, to: string): Promise<boolean> {
  return (await ifExists(fs.rename(from, to).then(() => true))) ?? false;
}
