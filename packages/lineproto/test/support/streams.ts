import { type DecodeFileOptions, decodeFile, type FileIntegrity } from '../../src/index';

export async function* chunksOf(bytes: Uint8Array, chunkBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += chunkBytes) yield bytes.subarray(i, i + chunkBytes);
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

export interface ReadFile {
  readonly text: string;
  readonly lines: number;
  readonly integrity: FileIntegrity;
}

/** Returns a file's records and integrity. */
export async function readAll(
  gz: Uint8Array,
  options: Partial<DecodeFileOptions> = {},
  chunkBytes?: number,
): Promise<ReadFile> {
  const file = decodeFile(chunksOf(gz, chunkBytes), { batchBytesMax: 10_000, batchLinesMax: 100, ...options });
  const texts: string[] = [];
  let lines = 0;
  for await (const batch of file) {
    texts.push(Buffer.from(batch.bytes).toString());
    lines += batch.lines;
  }
  return { text: texts.join(''), lines, integrity: await file.integrity };
}
