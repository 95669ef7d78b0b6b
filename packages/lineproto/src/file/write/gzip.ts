import { createGzip, type Gzip } from 'node:zlib';

/** The size of the buffers that zlib fills; its default is 16 KiB. */
export const OUTPUT_BYTES = 256 * 1024;

/**
 * How far back zlib looks for repetitions, as a power of two: 16 KiB, half of what gzip allows. Lines repeat what stands a few lines
 * before them. With 15, level 3 takes up to a fifth more CPU, for files that are at most 0.5 % smaller (`npm run bench -- gzip-levels`).
 */
export const WINDOW_BITS = 14;

/**
 * Compresses on libuv's threads. While zlib works on a chunk, the next one is already asked for. The source may reuse the memory of a
 * chunk once the chunk after the next is asked for.
 */
export async function* gzip(chunks: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
  const stream = createGzip({ level, windowBits: WINDOW_BITS, chunkSize: OUTPUT_BYTES });
  const fed = feed(chunks[Symbol.asyncIterator](), stream);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } finally {
    await fed; // once this has ended, in whatever way, the source is not read any more
  }
}

/** Keeps the last 8 bytes of a gzip file: the CRC-32 of its text, and its size, both little-endian (RFC 1952, section 2.3.1). */
export class GzipTrailer {
  #last = Buffer.alloc(0);

  add(gz: Uint8Array): void {
    this.#last = Buffer.concat([this.#last, gz.subarray(-8)]).subarray(-8);
  }

  get crc(): number {
    return this.#last.readUInt32LE(0);
  }
}

/** Writes the source to the stream. A failure destroys the stream with its error, and reading the stream then throws it. */
async function feed(source: AsyncIterator<Uint8Array>, stream: Gzip): Promise<void> {
  try {
    for (let item = await source.next(); !item.done; ) {
      [item] = await Promise.all([source.next(), write(stream, item.value)]);
    }
    stream.end();
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error), { cause: error }));
    await Promise.allSettled([source.return?.()]); // the first failure is the one to report
  }
}

/** A stream that is destroyed while it waits for its reader never calls the callback of a write: it only reports that it is closed. */
function write(stream: Gzip, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error('The gzip stream was closed before it took all bytes.'));
    stream.once('close', onClose);
    stream.write(chunk, (error) => {
      stream.off('close', onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
