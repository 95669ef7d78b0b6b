import type { FileSystem } from '@ceres/internal';
import type { ByteRange } from '../byte-range';
import { explained } from './errors';

/** Large enough for few calls, small enough for many open files. */
const chunkBytesMax = 256 * 1024;

/** Yields a range of a file's bytes, clipped to the file's size. */
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
    for (let position = start; position < end; ) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytesMax, end - position));
      const { bytesRead } = await explained(purpose, () => handle.read(buffer, 0, buffer.byteLength, position));
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
