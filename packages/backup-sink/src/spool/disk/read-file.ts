import type { FileSystem } from '@ceres/storage';

/** Large enough that the number of calls does not matter, small enough that the memory of a few uploads does not either. */
const blockBytes = 256 * 1024;

/** Reads a file in blocks, from an offset on; the reader may keep each block. */
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
