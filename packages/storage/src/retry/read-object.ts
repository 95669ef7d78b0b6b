import type { ObjectReader } from '../contract';
import { resumed } from './resumed';
import type { RetryOptions } from './retry';

/**
 * Yields all bytes of an object. Where a `get` breaks, another one goes on at the next byte, which is sound because
 * objects never change. The limits of `options` hold for each wait for bytes: any progress starts them over.
 *
 * @throws StorageError as `ObjectReader.get`, once retrying has not helped
 */
export async function* readObject(
  reader: ObjectReader,
  key: string,
  options: RetryOptions = {},
): AsyncGenerator<Uint8Array> {
  let start = 0;
  for await (const chunk of resumed((signal) => reader.get(key, { start, signal }), 1, options)) {
    start += chunk.byteLength;
    yield chunk;
  }
}
