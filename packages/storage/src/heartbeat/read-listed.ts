import type { ObjectInfo, ObjectReader } from '../contract';
import { readObject } from '../retry/read-object';
import type { RetryOptions } from '../retry/retry';
import type { LinesFault } from './unpack-lines';

/**
 * Reads an object into memory; one that is larger than it may be is not read.
 *
 * @param info the object, as a listing has it
 * @throws StorageError as `readObject`; as `fault` makes it, if the object has another size than it was listed with, or a larger one than allowed
 */
export async function readListed(
  reader: ObjectReader,
  { key, sizeBytes }: ObjectInfo,
  sizeBytesMax: number,
  options: RetryOptions,
  fault: LinesFault,
): Promise<Uint8Array[]> {
  if (sizeBytes > sizeBytesMax) throw fault('TOO_LARGE', `it has ${sizeBytes} bytes`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readObject(reader, key, options)) {
    bytes += chunk.byteLength;
    if (bytes > sizeBytes) throw fault('ALTERED', `it has more than the ${sizeBytes} bytes that were listed`);
    chunks.push(chunk);
  }
  if (bytes < sizeBytes) throw fault('CUT', `it has ${bytes} of the ${sizeBytes} bytes that were listed`);
  return chunks;
}
