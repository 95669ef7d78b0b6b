import type { FileSystem } from '@ceres/internal';
import type { ByteRange } from '../byte-range';
import { StorageError } from '../errors';
import { explained } from './errors';

/** Large enough for few calls, small enough for many open files. */
const chunkBytesMax = 256 * 1024;

/**
 * Yields a range of a file's bytes, clipped to the size that the file had when it was opened.
 *
 * A file that becomes shorter while it is read is an error. It is not retryable: the next attempt would take what is left for the
 * whole file.
 *
 * @throws StorageError
 */
export async function* readFile(
  fs: FileSystem,
  path: string,
  key: string,
  { start, end }: ByteRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const purpose = { what: `read ${path}`, key };
  const handle = await explained(purpose, () => fs.open(path, 'r'));
  try {
    const sizeBytes = (await explained(purpose, async () => handle.stat?.()))?.size;
    const last = Math.min(end, sizeBytes ?? end);
    for (let position = start; position < last; ) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytesMax, last - position));
      const { bytesRead } = await explained(purpose, () => handle.read(buffer, 0, buffer.byteLength, position));
      if (bytesRead === 0) {
        if (sizeBytes === undefined) return; // an injected file system that does not tell sizes
        const message = `Cannot ${purpose.what}: it ended after ${position} of ${sizeBytes} bytes. Find out what shortens it, and check the disk.`;
        throw new StorageError('UNAVAILABLE', message, { key, retryable: false });
      }
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
