import type { FileHandle } from 'node:fs/promises';

const chunkBytes = 256 * 1024;
const lineFeed = 10;

/** Yields the lines of a file that end in LF, and where each of them ends. A line cut off at the end is left out. */
export async function* completeLines(
  handle: FileHandle,
): AsyncGenerator<{ readonly text: string; readonly endBytes: number }> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let rest = Buffer.alloc(0);
  let position = 0;
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, chunkBytes, position);
    if (bytesRead === 0) return;
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    const offset = position - rest.length;
    position += bytesRead;
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      yield { text: bytes.toString('utf8', start, end), endBytes: offset + end + 1 };
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}
