import { dirname, join, relative, sep } from 'node:path';
import { errnoOf, syncDirectory } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';

/**
 * Makes names in the spool's directories survive a crash of the host.
 *
 * After a failed fsync of a directory, nothing is known of the names that changed before it: a file system without a journal may
 * have dropped them, and call the next fsync a success. So no name is ever taken for durable because a later fsync succeeded: the
 * change is made anew.
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
   * @throws what `make` throws, or the file system's error: then the change may be seen and yet be lost in a crash, so it does not
   * help to fsync again; it must be made again, of another file or another name
   */
  async change<T>(directory: string, make: () => Promise<T>): Promise<T> {
    const failuresBefore = this.#failuresOf(directory);
    const made = await make();
    await this.#sync(directory);
    if (this.#failuresOf(directory) === failuresBefore) return made;
    throw new Error(`An fsync of ${directory} failed while names in it were changed: they may be lost in a crash.`);
  }

  /** Makes a directory below the spool, and those above it. */
  async ensure(path: string): Promise<void> {
    for (const level of this.#levels(path)) {
      if (this.#durable.has(level)) continue;
      const making = this.#making.get(level) ?? this.#make(level).finally(() => this.#making.delete(level));
      this.#making.set(level, making);
      await making;
    }
  }

  /** A run before this one made it, and saw to it that its name is durable: before it wrote any file into it. */
  trust(path: string): void {
    for (const level of this.#levels(path)) this.#durable.add(level);
  }

  /** To be called when something in it turned out to be gone: an operator may have removed it, then `ensure` makes it again. */
  async forgetIfMissing(path: string): Promise<void> {
    for (const level of this.#levels(path)) if (await this.#isMissing(level)) this.#durable.delete(level);
  }

  async #make(path: string): Promise<void> {
    await this.change(dirname(path), () => this.#makeAnew(path));
    this.#durable.add(path);
  }

  /**
   * One that is there already may owe its name to a failed fsync: it is renamed, to and fro. Not if something is in it: whoever made that
   * saw to its name before, and a crash between the renames would put it out of sight.
   */
  async #makeAnew(path: string): Promise<void> {
    if (await this.#holdsAnything(path)) return;
    const aside = `${path}~`;
    await this.#renameIfThere(path, aside);
    const isBack = await this.#renameIfThere(aside, path);
    if (!isBack) await this.#fs.mkdir(path, { recursive: true });
  }

  async #holdsAnything(path: string): Promise<boolean> {
    try {
      return (await this.#fs.readdir(path)).length > 0;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async #renameIfThere(from: string, to: string): Promise<boolean> {
    try {
      await this.#fs.rename(from, to);
      return true;
    } catch (error) {
      // A mount point is busy, and its name needs no fsync.
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EBUSY') return false;
      throw error;
    }
  }

  async #isMissing(path: string): Promise<boolean> {
    try {
      await this.#fs.lstat(path);
      return false;
    } catch (error) {
      return errnoOf(error) === 'ENOENT'; // anything else is met again, and told of, by the next segment
    }
  }

  /** One at a time: two at once could report each other's failure. Whoever comes meanwhile shares the next. */
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

  /** Of a directory and those above it below the spool, outermost first. */
  #levels(path: string): string[] {
    const names = relative(this.#spoolDir, path).split(sep);
    return names.map((_, depth) => join(this.#spoolDir, ...names.slice(0, depth + 1)));
  }
}
