import type { ObjectInfo, ObjectReader } from '../contract';
import { resumed } from './resumed';
import type { RetryOptions } from './retry';

/**
 * Yields the objects whose keys begin with `prefix`, in the order of `ObjectReader.list`. Where a `list` breaks, another
 * one goes on after the last key. The limits of `options` hold for each wait: any progress starts them over.
 *
 * @throws StorageError as `ObjectReader.list`, once retrying has not helped
 */
export async function* listObjects(
  reader: ObjectReader,
  prefix: string,
  options: RetryOptions = {},
): AsyncGenerator<ObjectInfo> {
  let after: { readonly startAfter?: string } = {};
  for await (const info of resumed((signal) => reader.list(prefix, { ...after, signal }), options)) {
    after = { startAfter: info.key };
    yield info;
  }
}
