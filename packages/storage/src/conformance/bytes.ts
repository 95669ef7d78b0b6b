import assert from 'node:assert/strict';
import { bodyOf, noise, readAll, rejectsWith } from './helpers';
import type { OpenStorage, TestApi } from './test-api';

/** Declares what `get` promises: the bytes as stored, all of them or a range. */
export function byteCases({ it }: TestApi, open: OpenStorage): void {
  const size = 3_000_017;
  const content = noise(size);

  it('get returns every byte of an object of many chunks', async () => {
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
  it('get returns the bytes of a range, clipped to the size of the object', async () => {
    const storage = await open();
    await storage.put('k', bodyOf(content));
    for (const range of ranges) {
      const bytes = await readAll(storage.get('k', range));
      const expected = content.subarray(range.start, range.end);
      assert.equal(
        bytes.compare(expected),
        0,
        `the range ${JSON.stringify(range)} returned ${bytes.byteLength} wrong bytes`,
      );
    }
  });

  it('get returns no bytes of an empty object', async () => {
    const storage = await open();
    await storage.put('empty', bodyOf(''));
    assert.equal((await readAll(storage.get('empty', { start: 0, end: 4096 }))).byteLength, 0);
  });

  it('get refuses an invalid range with INVALID_OPTIONS', async () => {
    const storage = await open();
    await storage.put('k', bodyOf('hello'));
    for (const range of [{ start: -1 }, { start: 3, end: 2 }, { start: 0.5 }, { end: Number.NaN }]) {
      await rejectsWith('INVALID_OPTIONS', readAll(storage.get('k', range)));
    }
  });

  it('get of a key that was never put throws NOT_FOUND with the first read', async () => {
    const storage = await open();
    await storage.put('folder/k', bodyOf('hello'));
    for (const key of ['missing', 'folder/missing', 'missing/k', 'folder']) {
      const chunks = storage.get(key);
      await rejectsWith('NOT_FOUND', readAll(chunks));
    }
  });
}
