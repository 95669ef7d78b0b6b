import { setTimeout as delay } from 'node:timers/promises';
import { type ObjectInfo, type ObjectReader, StorageError } from '@ceres/storage';

/** In a row, without a single name between them. */
const failuresMax = 6;
const delayMsMin = 200;

/**
 * `list` of a storage, resumed after the last name where it breaks: an adapter makes one attempt only.
 *
 * @throws StorageError once it is no use to go on
 */
export async function* listObjects(
  storage: ObjectReader,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObjectInfo> {
  let last: string | undefined;
  let failures = 0;
  for (;;) {
    try {
      const options = { ...(last !== undefined && { startAfter: last }), ...(signal && { signal }) };
      for await (const info of storage.list(prefix, options)) {
        last = info.key;
        failures = 0;
        yield info;
      }
      return;
    } catch (error) {
      failures += 1;
      if (!(error instanceof StorageError) || !error.retryable || failures >= failuresMax) throw error;
      await delay(delayMsMin * 2 ** failures, undefined, signal ? { signal } : {});
    }
  }
}
