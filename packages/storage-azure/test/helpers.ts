import { createHash } from 'node:crypto';
import type { ObjectBody, ObjectReader } from '@ceres/storage';
import { FakeAzure } from '@ceres/testkit';
import { onTestFinished } from 'vitest';
import { AzureStorage } from '../src/azure-storage';
import type { AzureOptions } from '../src/options';

/** Starts a fake server that runs as long as the test, and returns it with a storage on its container. */
export async function startAzure(permissions = 'crl', options: Partial<AzureOptions> = {}) {
  const fake = await FakeAzure.start();
  onTestFinished(() => fake.close());
  return { fake, storage: storageOn(fake, permissions, options) };
}

export function storageOn(fake: FakeAzure, permissions = 'crl', options: Partial<AzureOptions> = {}): AzureStorage {
  return new AzureStorage({
    account: fake.account,
    container: 'test-container',
    endpoint: fake.url,
    sas: fake.sas(permissions),
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
