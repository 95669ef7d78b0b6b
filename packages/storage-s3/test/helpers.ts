import { createHash } from 'node:crypto';
import type { ObjectBody, ObjectReader } from '@ceres/storage';
import { FakeS3, type FakeS3Options } from '@ceres/testkit';
import { onTestFinished } from 'vitest';
import type { S3Options } from '../src/options';
import { S3Storage } from '../src/s3-storage';

/** Starts a fake server that runs as long as the test, and returns it with a storage on its bucket. */
export async function startS3(server: FakeS3Options = {}, options: Partial<S3Options> = {}) {
  const fake = await FakeS3.start(server);
  onTestFinished(() => fake.close());
  return { fake, storage: storageOn(fake, options) };
}

export function storageOn(fake: FakeS3, options: Partial<S3Options> = {}): S3Storage {
  return new S3Storage({
    bucket: 'test-bucket',
    endpoint: fake.url,
    region: fake.region,
    credentials: fake.keys,
    ...options,
  });
}

export function bodyOf(content: string | Uint8Array): ObjectBody {
  const bytes = Buffer.from(content);
  return { sizeBytes: bytes.byteLength, md5: md5Of(bytes), open: () => chunksOf(bytes) };
}

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

export async function keysOf(storage: ObjectReader, prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}
