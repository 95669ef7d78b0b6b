import { join } from 'node:path';
import { ifExists, writeAll } from '@ceres/internal';
import type { SpoolLock } from '../lock/spool-lock';
import type { SpoolDisk } from './disk/directories';
import { readFile } from './disk/read-file';

/** Only the owner may read what a tee keeps beside the spool. */
const mode = 0o600;

/** Small files in the spool's own folder, for what a tee has to remember beyond a restart. */
export class OwnFiles {
  readonly #disk: SpoolDisk;
  readonly #folder: string;
  readonly #lock: SpoolLock;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(disk: SpoolDisk, folder: string, lock: SpoolLock) {
    this.#disk = disk;
    this.#folder = folder;
    this.#lock = lock;
  }

  /** Resolves with the content of a file; `undefined` if there is none. */
  async read(name: string): Promise<Buffer | undefined> {
    return await ifExists(this.#read(name));
  }

  /**
   * Replaces a file, whole or not at all; durable when it resolves. One call at a time for each name.
   *
   * @throws SinkError `SPOOL_LOCKED` if the spool is not this sink's any more; the file system's error
   */
  async replace(name: string, content: Uint8Array): Promise<void> {
    const { fs, directories } = this.#disk;
    const temporary = join(this.#folder, `${name}.tmp`);
    await this.#lock.assertHeld();
    await ifExists(fs.unlink(temporary)); // an older one may have another mode
    const handle = await fs.open(temporary, 'wx', mode);
    try {
      await writeAll(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await directories.change(this.#folder, () => fs.rename(temporary, join(this.#folder, name)));
  }

  /** Starts work that ends before the sink gives the spool away; does nothing in a closed sink. What fails is up to the work. */
  run(work: () => Promise<void>): void {
    if (this.#closed) return;
    const running = work().finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when no such work is in progress. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Starts nothing more, and waits for what was started. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.idle();
  }

  async #read(name: string): Promise<Buffer> {
    const blocks: Uint8Array[] = [];
    for await (const block of readFile(this.#disk.fs, join(this.#folder, name))) blocks.push(block);
    return Buffer.concat(blocks);
  }
}
