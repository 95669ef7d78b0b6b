import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { storageConformance } from '../src/conformance/suite';
import { compareKeys } from '../src/keys/compare-keys';
import { type BlobClient, BlobStorage } from './example-adapter';

/** Returns what the vendor would ship, in memory. */
function memoryClient(): BlobClient {
  const blobs = new Map<string, { bytes: Buffer; createdMs: number }>();
  return {
    async putIfAbsent(name, bytes) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes) chunks.push(chunk);
      if (blobs.has(name)) return false;
      blobs.set(name, { bytes: Buffer.concat(chunks), createdMs: Date.now() });
      return true;
    },
    async page(from, limit) {
      const names = [...blobs.keys()].filter((name) => compareKeys(name, from) >= 0).sort(compareKeys);
      return names.slice(0, limit).map((name) => {
        const { bytes, createdMs } = blobs.get(name) ?? { bytes: Buffer.alloc(0), createdMs: 0 };
        return { name, size: bytes.byteLength, createdMs };
      });
    },
    async read(name, start, end) {
      return blobs.get(name)?.bytes.subarray(start, end);
    },
  };
}

describe('the adapter that docs/storage-adapter.md shows', () => {
  storageConformance({ describe, it }, async () => new BlobStorage(memoryClient()));

  it('is, character by character, the one that is tested here', async () => {
    const [page, source] = await Promise.all(
      ['../../../docs/storage-adapter.md', './example-adapter.ts'].map((path) =>
        readFile(new URL(path, import.meta.url), 'utf8'),
      ),
    );
    expect(page).toContain(source);
  });
});
