import { dirname } from 'node:path';
import type { FileSystem } from '@ceres/internal';
import { syncDirectory } from '@ceres/internal';
import { StorageError } from '../errors';

/** What became of a name: `exists` is somebody else's, or was certain before. */
export type NameOutcome = 'created' | 'remade' | 'exists';

/**
 * Makes names in directories durable, and knows which of those that this process made are not.
 *
 * After a failed fsync of a directory the kernel may have dropped its changes, and call the next fsync a success. So a name whose fsync
 * failed, or that was made while another's failed, stays uncertain until it is made again.
 */
export class ObjectNames {
  readonly #fs: FileSystem;
  readonly #uncertain = new Set<string>();
  readonly #failures = new Map<string, number>();

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  isUncertain(path: string): boolean {
    return this.#uncertain.has(path);
  }

  /** @throws StorageError `UNAVAILABLE`; what `make` and the file system throw: then the name may be there, and be lost in a crash */
  async make(path: string, make: () => Promise<NameOutcome>): Promise<NameOutcome> {
    const directory = dirname(path);
    const failuresBefore = this.#failuresOf(directory);
    const outcome = await make();
    try {
      await this.#sync(directory);
      if (this.#failuresOf(directory) !== failuresBefore) throw fsyncFailed(directory);
    } catch (error) {
      if (outcome !== 'exists') this.#uncertain.add(path);
      throw error;
    }
    if (outcome !== 'exists') this.#uncertain.delete(path);
    return outcome;
  }

  async #sync(directory: string): Promise<void> {
    try {
      await syncDirectory(this.#fs, directory);
    } catch (error) {
      this.#failures.set(directory, this.#failuresOf(directory) + 1);
      throw error;
    }
  }

  #failuresOf(directory: string): number {
    return this.#failures.get(directory) ?? 0;
  }
}

function fsyncFailed(directory: string): StorageError {
  const what = `An fsync of ${directory} failed while a name was made in it, which may be lost in a crash.`;
  return new StorageError('UNAVAILABLE', `${what} Try again; if it stays, check the disk.`);
}
