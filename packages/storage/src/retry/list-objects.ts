import type { ObjectInfo, ObjectReader } from '../contract';
import { resumed } from './resumed';
import type { RetryOptions } from './retry';

/** One page of Google's or Amazon's. A retry() for each single key would cost more than reading the listing. */
const keysAtOnce = 1000;

/**
 * Yields the objects whose keys begin with `prefix`, in the order of `ObjectReader.list`. Where a `list` breaks, another
 * one goes on after the last key. The limits of `options` hold for each 1,000 keys: any progress starts them over.
 *
 * @throws StorageError as `ObjectReader.list`, once retrying has not helped
 */
export async function* listObjects(
  reader: ObjectReader,
  prefix: string,
  options: RetryOptions = {},
): AsyncGenerator<ObjectInfo> {
  let last: string | undefined;
  const list = (signal: AbortSignal) =>
    reader.list(prefix, last === undefined ? { signal } : { signal, startAfter: last });
  for await (const info of resumed(list, keysAtOnce, options)) {
    last = info.key;
    yield info;
  }
}
