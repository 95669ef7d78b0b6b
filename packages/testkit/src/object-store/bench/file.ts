import { createHash, randomBytes } from 'node:crypto';

/** The size of a segment of 64 MiB of telemetry once it is compressed. */
const fileBytes = 8 * 1024 * 1024;
/** The size of the chunks in which a file is read from the spool. */
const chunkBytes = 256 * 1024;

/** A file as a sink stores it. */
export interface BenchFile {
  readonly megabytes: number;
  /** Random bytes, which look like compressed data. */
  readonly content: Buffer;
  readonly sizeBytes: number;
  readonly md5: string;
  open(): AsyncIterable<Uint8Array>;
}

export function benchFile(): BenchFile {
  const content = randomBytes(fileBytes);
  const md5 = createHash('md5').update(content).digest('base64');
  async function* open() {
    for (let at = 0; at < fileBytes; at += chunkBytes) yield content.subarray(at, at + chunkBytes);
  }
  return { megabytes: fileBytes / 1e6, content, sizeBytes: fileBytes, md5, open };
}

/** Reads a stream to its end, and returns its size in MB. */
export async function megabytesOf(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.byteLength;
  return bytes / 1e6;
}
