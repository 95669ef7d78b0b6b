import { type ObjectReader, StorageError } from '@ceres/storage';
import { printError, type Terminal } from '../terminal';

/**
 * Returns the same storage, which says once on stderr why it does not answer yet. Every command retries a storage for half a minute: without
 * this, someone who has no credentials would see nothing for that long.
 */
export function sayingWhyItWaits(storage: ObjectReader, terminal: Terminal): ObjectReader {
  let hasSaid = false;
  async function* watched<T>(values: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* values;
    } catch (error) {
      if (!hasSaid && error instanceof StorageError && error.retryable) {
        hasSaid = true;
        printError(terminal, `ceres: retrying, because the storage does not answer yet: ${error.message}`);
      }
      throw error;
    }
  }
  return {
    list: (prefix, options) => watched(storage.list(prefix, options)),
    get: (key, options) => watched(storage.get(key, options)),
  };
}
