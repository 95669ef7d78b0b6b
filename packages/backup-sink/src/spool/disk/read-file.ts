import { createHash } from 'node:crypto';
import type { FileSystem } from '@ceres/storage';

/** Large enough that the calls do not count, small enough that a few uploads do not either. */
const blockBytes = 256 * 1024;

/** A file in blocks, from an offset on; each is the reader's to keep. */
export async function* readFile(fs: FileSystem, path: string, from = 0): AsyncGenerator<Uint8Array> {
  const handle = await fs.open(path, 'r');
  try {
    for (let position = from; ; ) {
      const block = Buffer.allocUnsafe(blockBytes);
      const { bytesRead } = await handle.read(block, 0, blockBytes, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield block.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Base64. */
export async function md5Of(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const md5 = createHash('md5');
  for await (const chunk of chunks) md5.update(chunk);
  return md5.digest('base64');
}
