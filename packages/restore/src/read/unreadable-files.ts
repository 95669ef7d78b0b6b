import { StorageError } from '@ceres/storage';
import type { FileFinding } from './finding';

/** If none of this many first files can be read, the fault is the storage's. */
const failuresAtFirstMax = 3;

/** Tells a file that the storage cannot read, which is a finding, from a storage that is not there. */
export class UnreadableFiles {
  #lastWasUnavailable = false;
  #failuresAtFirst: number | undefined = 0;

  /** Notes that a file could be read. */
  reset(): void {
    this.#lastWasUnavailable = false;
    this.#failuresAtFirst = undefined;
  }

  /**
   * Returns the finding for a file whose reading failed with an error.
   *
   * @throws the error if it is not the storage's, or if it is of the storage rather than of the file: the storage was unavailable
   *   for the file before, too, or gave none of the first files
   */
  findingOf(key: string, error: unknown): FileFinding {
    if (!(error instanceof StorageError)) throw error;
    const isUnavailable = error.code === 'UNAVAILABLE';
    if (this.#failuresAtFirst !== undefined) this.#failuresAtFirst += 1;
    if ((isUnavailable && this.#lastWasUnavailable) || this.#failuresAtFirst === failuresAtFirstMax) throw error;
    this.#lastWasUnavailable = isUnavailable;
    return { name: key, key, problem: 'unreadable', reason: error.message };
  }
}
