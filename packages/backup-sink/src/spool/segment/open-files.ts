import type { FileHandle, FileSystem } from '@ceres/storage';

interface OpenFile {
  readonly handle: FileHandle;
  users: number;
}

/**
 * The handles of open segments, at most so many: the one unused for longest is closed for a new one, and opened again
 * when its segment is written to. So thousands of partitions need not thousands of descriptors.
 */
export class OpenFiles {
  readonly #fs: FileSystem;
  readonly #max: number;
  readonly #onCloseFailed: (path: string, error: unknown) => void;
  /** Calls under way that will add one. */
  #opening = 0;
  /** In order of their last use. */
  readonly #open = new Map<string, OpenFile>();

  constructor(fs: FileSystem, max: number, onCloseFailed: (path: string, error: unknown) => void) {
    this.#fs = fs;
    this.#max = max;
    this.#onCloseFailed = onCloseFailed;
  }

  /** Creates the file if `create`; it must not be there then. */
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

  /** What was written is fsynced by then: a failure to close loses a descriptor, and no line. */
  async close(path: string): Promise<void> {
    const file = this.#open.get(path);
    this.#open.delete(path);
    try {
      await file?.handle.close();
    } catch (error) {
      this.#onCloseFailed(path, error);
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
