import type { FileHandle, FileSystem } from '@ceres/storage';
import type { Reporter } from '../../report/reporter';

interface OpenFile {
  readonly handle: FileHandle;
  users: number;
}

/**
 * Holds the handles of open segments, at most `max`: the one unused for longest is closed for a new one, and opened again
 * when its segment is written to. That way, 1,000 partitions do not need 1,000 descriptors.
 */
export class OpenFiles {
  readonly #fs: FileSystem;
  readonly #max: number;
  readonly #reporter: Reporter;
  /** The number of calls in progress that will add a handle. */
  #opening = 0;
  /** The open files in the order of their last use. */
  readonly #open = new Map<string, OpenFile>();

  constructor(fs: FileSystem, max: number, reporter: Reporter) {
    this.#fs = fs;
    this.#max = max;
    this.#reporter = reporter;
  }

  /** Runs `work` with the file's handle. If `create`, the file is made first, and must not exist. */
  async use<T>(path: string, create: boolean, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    const file = this.#open.get(path) ?? { handle: await this.#openOne(path, create), users: 0 };
    this.#open.delete(path);
    this.#open.set(path, file);
    file.users += 1;
    try {
      return await work(file.handle);
    } finally {
      file.users -= 1;
    }
  }

  /** Closes a file. What was written to it is fsynced by then: a failure to close loses a descriptor, and no line. */
  async close(path: string): Promise<void> {
    const file = this.#open.get(path);
    this.#open.delete(path);
    try {
      await file?.handle.close();
    } catch (error) {
      this.#reporter.failed(error, path);
    }
  }

  async closeAll(): Promise<void> {
    for (const path of [...this.#open.keys()]) await this.close(path);
  }

  async #openOne(path: string, create: boolean): Promise<FileHandle> {
    this.#opening += 1;
    try {
      for (const [idle, { users }] of this.#open) {
        if (this.#open.size + this.#opening <= this.#max) break;
        if (users === 0) await this.close(idle);
      }
      return await this.#fs.open(path, create ? 'wx' : 'r+');
    } finally {
      this.#opening -= 1;
    }
  }
}
