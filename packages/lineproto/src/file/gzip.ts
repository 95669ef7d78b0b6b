import { createGzip, type Gzip } from 'node:zlib';

/** Of the buffers that zlib fills; its default is 16 KiB. */
const OUTPUT_BYTES = 256 * 1024;

/**
 * Compresses on libuv's threads. A chunk may be used again once the next one is asked for: that is after zlib has taken all of it, which
 * `pipeline` does not wait for.
 */
export async function* gzip(chunks: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
  const stream = createGzip({ level, chunkSize: OUTPUT_BYTES });
  const fed = feed(chunks, stream);
  for await (const chunk of stream) yield chunk as Buffer;
  await fed;
}

/** A failure destroys the stream with its error, which whoever reads it then throws. */
async function feed(chunks: AsyncIterable<Uint8Array>, stream: Gzip): Promise<void> {
  try {
    for await (const chunk of chunks) await write(stream, chunk);
    stream.end();
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error), { cause: error }));
  }
}

function write(stream: Gzip, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}
