import { createHash } from 'node:crypto';

/** Returns a body for a `put`, which opens in chunks of 64 KiB. */
export function bodyOf(content: string | Uint8Array) {
  const bytes = Buffer.from(content);
  return { sizeBytes: bytes.byteLength, md5: md5Of(bytes), open: () => chunksOf(bytes) };
}

/** Returns the MD5 in base64, as stores want it. */
export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64');
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** Returns the keys that a storage lists, in its order. */
export async function keysOf(
  storage: { list(prefix: string): AsyncIterable<{ readonly key: string }> },
  prefix = '',
): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}
