import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '@ceres/internal';

/** What a full disk has none of. */
export type Scarce = 'bytes' | 'inodes' | 'both';

const chunk = Buffer.alloc(64 * 1024, 1);
const page = 4096;

/** Takes the room of a disk away from the sink, and gives it back. */
export class Filler {
  readonly #directory: string;
  readonly #file: number;
  #names = 0;
  #bytes = 0;

  constructor(path: string) {
    this.#directory = join(path, 'filler');
    mkdirSync(this.#directory);
    this.#file = openSync(join(this.#directory, 'bytes'), 'w');
  }

  /** Takes every free inode, every free byte, or both. */
  fill(scarce: Scarce): void {
    while (scarce !== 'bytes' && this.#succeeds(() => writeFileSync(join(this.#directory, String(this.#names)), '')))
      this.#names += 1;
    if (scarce === 'inodes') return;
    for (let sizeBytes = chunk.length; sizeBytes >= page; ) {
      if (!this.#succeeds(() => (this.#bytes += writeSync(this.#file, chunk, 0, sizeBytes, this.#bytes))))
        sizeBytes /= 2;
    }
  }

  /** Gives `sizeBytes` back, or all that it has taken. */
  release(sizeBytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - sizeBytes);
    ftruncateSync(this.#file, this.#bytes);
  }

  /** Gives everything back. */
  empty(): void {
    this.release(this.#bytes);
    for (; this.#names > 0; this.#names -= 1) rmSync(join(this.#directory, String(this.#names - 1)));
  }

  close(): void {
    closeSync(this.#file);
  }

  #succeeds(call: () => unknown): boolean {
    try {
      call();
      return true;
    } catch (error) {
      if (errnoOf(error) === 'ENOSPC') return false;
      throw error;
    }
  }
}
