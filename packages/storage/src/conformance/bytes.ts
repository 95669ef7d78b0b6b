import assert from 'node:assert/strict';
import { bodyOf, noise, readAll, rejectsWith } from './helpers';
import type { OpenStorage, TestApi } from './test-api';

/** What `get` promises: the bytes as stored, whole or of a range. */
export function byteCases({ it }: TestApi, open: OpenStorage): void {
  const size = 3_000_017;
  const content = noise(size);

  it('gives back every byte of an object of many chunks', async () => {
    const storage = await open();
    await storage.put('k', bodyOf(content));
    assert.equal((await readAll(storage.get('k'))).compare(content), 0);
  });

  const ranges: readonly { start?: number; end?: number }[] = [
    { start: 0, end: 1 },
    { start: 0, end: 4096 },
    { start: 1_000_000, end: 2_000_001 },
    { start: size - 1 },
    { end: 70_000 },
    { start: 5, end: size + 1000 },
    { start: size },
    { start: size + 1000 },
    { start: 7, end: 7 },
  ];
  it('gives the bytes of a range, clipped to the size', async () => {
    const storage = await open();
    await storage.put('k', bodyOf(content));
    for (const range of ranges) {
      const bytes = await readAll(storage.get('k', range));
      const expected = content.subarray(range.start, range.end);
      assert.equal(bytes.compare(expected), 0, `${JSON.stringify(range)} gave ${bytes.byteLength} other bytes`);
    }
  });

  it('gives nothing of an empty object', async () => {
    const storage = await open();
    await storage.put('empty', bodyOf(''));
    assert.equal((await readAll(storage.get('empty', { start: 0, end: 4096 }))).byteLength, 0);
  });

  it('refuses ranges that are none with INVALID_OPTIONS', async () => {
    const storage = await open();
    await storage.put('k', bodyOf('hello'));
    for (const range of [{ start: -1 }, { start: 3, end: 2 }, { start: 0.5 }, { end: Number.NaN }]) {
      await rejectsWith('INVALID_OPTIONS', readAll(storage.get('k', range)));
    }
  });

  it('says NOT_FOUND for a key that nobody put, with the first read', async () => {
    const storage = await open();
    await storage.put('folder/k', bodyOf('hello'));
    for (const key of ['missing', 'folder/missing', 'missing/k', 'folder']) {
      const chunks = storage.get(key);
      await rejectsWith('NOT_FOUND', readAll(chunks));
    }
  });
}
