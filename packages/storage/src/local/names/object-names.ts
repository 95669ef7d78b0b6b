import { dirname } from 'node:path';
import { type FileSystem, syncDirectory } from '@ceres/internal';
import { StorageError } from '../../errors';
import type { Warnings } from '../warnings';

/** What became of a name: `exists` means that another writer made it, or that it was durable before. */
export type NameOutcome = 'created' | 'remade' | 'exists';

/**
 * Makes names in directories durable, and remembers which names of this process may not be.
 *
 * After a failed fsync of a directory, the kernel may have dropped the change and report the next fsync as a success. So a
 * name whose fsync failed, or that was made while another fsync of its directory failed, stays uncertain until it is
 * made again.
 */
export class ObjectNames {
  readonly #fs: FileSystem;
  readonly #uncertain = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #warnings: Warnings;

  constructor(fs: FileSystem, warnings: Warnings) {
    this.#fs = fs;
    this.#warnings = warnings;
  }

  isUncertain(path: string): boolean {
    return this.#uncertain.has(path);
  }

  /**
   * Calls `make`, then makes the name it made durable.
   *
   * @throws StorageError `UNAVAILABLE`; what `make` and the file system throw. The name may then exist, and be lost in a crash.
   */
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
      if (!(await syncDirectory(this.#fs, directory))) this.#warnings.noDirectoryFsync();
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
  const what = `An fsync of ${directory} failed while a file was created in it, and a crash may lose the file's name.`;
  return new StorageError('UNAVAILABLE', `${what} Try again; if it fails again, check the disk.`);
}
