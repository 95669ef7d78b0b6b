import { dirname, join, relative, sep } from 'node:path';
import { errnoOf, ifExists, syncDirectory } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';

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

  constructor(fs: FileSystem, spoolDir: string) {
    this.#fs = fs;
    this.#spoolDir = spoolDir;
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

  /** Makes a directory in the spool, and those above it. */
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
    await this.change(dirname(path), () => this.#makeAgain(path));
    this.#durable.add(path);
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
    if (!isBack) await this.#fs.mkdir(path, { recursive: true });
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
