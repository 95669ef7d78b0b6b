import { dirname, join, relative, sep } from 'node:path';
import { errnoOf, ifExists, lacksHardLinks, makeDirectory, syncDirectory } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { ownFolder } from '../layout';
import type { Limits } from './limits';
import { volumeGone } from './volume';

/** The file system of a spool, and what makes names in it durable. */
export interface SpoolDisk {
  readonly fs: FileSystem;
  readonly directories: SpoolDirectories;
}

/**
 * Makes names in the spool's directories survive a crash of the host.
 *
 * After a failed fsync of a directory, nothing is known of the names that changed before it: a file system without a journal may
 * have dropped them, and call the next fsync a success. So a name never counts as durable because a later fsync succeeded: the
 * change is made again.
 */
export class SpoolDirectories {
  readonly #fs: FileSystem;
  readonly #spoolDir: string;
  readonly #durable = new Set<string>();
  readonly #making = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, number>();
  /** Names that could not be removed: second names of files that are in the spool under another one. */
  readonly #leftovers = new Set<string>();
  readonly #limits: Limits | undefined;

  /** @param limits takes what the file system cannot do, to report it */
  constructor(fs: FileSystem, spoolDir: string, limits?: Limits) {
    this.#fs = fs;
    this.#spoolDir = spoolDir;
    this.#limits = limits;
  }

  /**
   * Makes a change of names in a directory, durable when it resolves.
   *
   * @throws what `make` throws, or the file system's error: then the change may be visible and still be lost in a crash. Another fsync does
   * not help; the change must be made again, with another file or another name
   */
  async change<T>(directory: string, make: () => Promise<T>): Promise<T> {
    const failuresBefore = this.#failuresOf(directory);
    const made = await make();
    await this.#sync(directory);
    if (this.#failuresOf(directory) === failuresBefore) return made;
    throw new Error(`An fsync of ${directory} failed while names in it were changed: they may be lost in a crash.`);
  }

  /**
   * Gives a file another name in its directory, durable when it resolves: link → fsync of the directory → unlink. A file system without
   * a journal does not keep a rename whole in a power cut: caught between two blocks of the directory, it leaves the file without any
   * name. So a crash may leave both names; recovery takes the later one. Where there are no hard links, it renames.
   *
   * @throws what the file system throws. The file then has its old name, and perhaps the new one, too
   */
  async move(from: string, to: string): Promise<void> {
    const directory = dirname(from);
    let isLinked = false;
    try {
      await this.change(directory, async () => {
        isLinked = await this.#linkOrRename(from, to);
      });
    } catch (error) {
      if (isLinked) await this.#removeSecondName(to);
      throw error;
    }
    if (isLinked) await this.#removeSecondName(from);
  }

  /** Removes the second names that a file with this id may still have. */
  async removeLeftovers(directory: string, id: string): Promise<void> {
    for (const path of [...this.#leftovers].filter((leftover) => leftover.startsWith(join(directory, id)))) {
      await ifExists(this.#fs.unlink(path));
      this.#leftovers.delete(path);
    }
  }

  /** Resolves with `true` if the file has both names now. */
  async #linkOrRename(from: string, to: string): Promise<boolean> {
    try {
      await this.#linkAgain(from, to);
      return true;
    } catch (error) {
      const isFull = errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EDQUOT';
      if (!lacksHardLinks(error) && !isFull) throw error;
      if (!isFull) this.#limits?.lacks('hard links', error);
      await this.#fs.rename(from, to);
      return false;
    }
  }

  /** A name that exists already is the file's own: an earlier link that was answered with an error happened all the same. */
  async #linkAgain(from: string, to: string): Promise<void> {
    try {
      await this.#fs.link(from, to);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      await this.#fs.unlink(to);
      await this.#fs.link(from, to);
    }
  }

  /** What cannot be removed now is removed with the file, or by the next open: the other name is durable. */
  async #removeSecondName(path: string): Promise<void> {
    try {
      await ifExists(this.#fs.unlink(path));
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      this.#leftovers.add(path);
    }
  }

  /** Makes a directory in the spool, and those above it, but never the spool's own directory. */
  async ensure(path: string): Promise<void> {
    for (const level of this.#levels(path)) {
      if (this.#durable.has(level)) continue;
      const making = this.#making.get(level) ?? this.#make(level).finally(() => this.#making.delete(level));
      this.#making.set(level, making);
      await making;
    }
  }

  /** Takes a directory's name for durable: an earlier run made it so, before it wrote any file into it. */
  trust(path: string): void {
    for (const level of this.#levels(path)) this.#durable.add(level);
  }

  /** Checks a directory in which something is missing: if an operator removed it, `ensure` makes it again. */
  async forgetIfMissing(path: string): Promise<void> {
    for (const level of this.#levels(path)) if (await this.#isMissing(level)) this.#durable.delete(level);
  }

  async #make(path: string): Promise<void> {
    await this.#assertSpoolThere();
    await this.change(dirname(path), () => this.#makeAgain(path));
    this.#durable.add(path);
  }

  /**
   * The spool's own folder was there at open. Without it this is another disk: the one below a volume that was unmounted.
   *
   * @throws SinkError `SPOOL_UNWRITABLE`
   */
  async #assertSpoolThere(): Promise<void> {
    const own = await ifExists(this.#fs.lstat(join(this.#spoolDir, ownFolder)));
    if (own === undefined) throw volumeGone(this.#spoolDir);
  }

  /**
   * Renames a directory that exists already away and back, since its name may come from a failed fsync. One that holds something is left
   * alone: its name was made durable before that, and a crash between the two renames would hide what it holds.
   */
  async #makeAgain(path: string): Promise<void> {
    if (await this.#holdsAnything(path)) return;
    const aside = `${path}~`;
    await this.#renameIfThere(path, aside);
    const isBack = await this.#renameIfThere(aside, path);
    if (!isBack) await makeDirectory(this.#fs, path);
  }

  async #holdsAnything(path: string): Promise<boolean> {
    const names = (await ifExists(this.#fs.readdir(path))) ?? [];
    return names.length > 0;
  }

  async #renameIfThere(from: string, to: string): Promise<boolean> {
    try {
      await this.#fs.rename(from, to);
      return true;
    } catch (error) {
      // EBUSY: a mount point, whose name needs no fsync.
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EBUSY') return false;
      throw error;
    }
  }

  async #isMissing(path: string): Promise<boolean> {
    try {
      await this.#fs.lstat(path);
      return false;
    } catch (error) {
      return errnoOf(error) === 'ENOENT'; // the next segment meets any other error again, and reports it
    }
  }

  /** Runs one fsync at a time, since two at once could report each other's failure. Calls that arrive during one share the next. */
  #sync(directory: string): Promise<void> {
    const waiting = this.#next.get(directory);
    if (waiting !== undefined) return waiting;
    const running = this.#running.get(directory);
    if (running === undefined) return this.#startSync(directory);
    const start = () => {
      this.#next.delete(directory);
      return this.#startSync(directory);
    };
    const next = running.then(start, start);
    this.#next.set(directory, next);
    return next;
  }

  #startSync(directory: string): Promise<void> {
    const running = syncDirectory(this.#fs, directory)
      .then((synced) => {
        if (!synced) this.#limits?.lacks('fsync of directories');
      })
      .catch((error: unknown) => {
        this.#failures.set(directory, this.#failuresOf(directory) + 1);
        throw error;
      })
      .finally(() => this.#running.delete(directory));
    this.#running.set(directory, running);
    return running;
  }

  #failuresOf(directory: string): number {
    return this.#failures.get(directory) ?? 0;
  }

  /** Returns a directory and those above it, up to the spool's own; outermost first. */
  #levels(path: string): string[] {
    const names = relative(this.#spoolDir, path).split(sep);
    return names.map((_, depth) => join(this.#spoolDir, ...names.slice(0, depth + 1)));
  }
}
