import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ObjectBody, ObjectInfo, ObjectReader } from '../contract';
import { StorageError, type StorageErrorCode } from '../errors';

/** Returns a body with this content, and with its MD5. */
export function bodyOf(content: string | Uint8Array): ObjectBody {
  const bytes = Buffer.from(content);
  const md5 = createHash('md5').update(bytes).digest('base64');
  return { sizeBytes: bytes.byteLength, md5, open: () => inChunks(bytes) };
}

/** Yields bytes in chunks of their own memory. */
export async function* inChunks(bytes: Uint8Array, chunkBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield Uint8Array.from(bytes.subarray(at, at + chunkBytes));
}

/** Returns bytes without a pattern, the same in every run, so that a block in the wrong place is noticed. */
export function noise(sizeBytes: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let word = 1;
  // xorshift32 (Marsaglia 2003)
  for (let i = 0; i < words.length; i += 1) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[i] = word;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}

export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

export async function listAll(
  storage: ObjectReader,
  prefix = '',
  options: Parameters<ObjectReader['list']>[1] = {},
): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = [];
  for await (const info of storage.list(prefix, options)) all.push(info);
  return all;
}

export async function keysOf(...list: Parameters<typeof listAll>): Promise<string[]> {
  return (await listAll(...list)).map(({ key }) => key);
}

/** Expects a `StorageError` with this code. Compares the class by name: an adapter may use another copy of this package. */
export async function rejectsWith(code: StorageErrorCode, call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error, `expected a StorageError ${code}, but nothing was thrown`);
  assert.equal(error.name, StorageError.name, `expected a StorageError ${code}, got: ${error.stack}`);
  assert.equal((error as StorageError).code, code, error.message);
}
