import assert from 'node:assert/strict';
import type { ObjectWriter } from '../contract';
import { compareKeys } from '../keys/compare-keys';
import { bodyOf, keysOf } from './helpers';
import type { OpenStorage, TestApi } from './test-api';

/** Keys in byte order. `-` and `.` sort before `/`, so folders mix with the files beside them; U+1F600 sorts after U+FFFD. */
const ordered = [
  'a',
  'b-c/x',
  'b.gz',
  'b/-',
  'b/0',
  'b/c-d/1',
  'b/c.d/1',
  'b/c/1',
  'b/c/2',
  'b/c0',
  'b0',
  'bb',
  'c%2Fd/e',
  'c~',
  'é',
  '\ufffd',
  '😀',
];

/** Declares what `list` promises: byte order, `prefix` and `startAfter`, with any number of keys. */
export function listingCases({ it }: TestApi, open: OpenStorage): void {
  it('list returns keys in byte order, also around "-", "." and "/" and outside ASCII', async () => {
    const storage = await open();
    await putAll(storage, [...ordered].reverse());
    assert.deepEqual(await keysOf(storage), ordered);
  });

  it('list returns the keys that begin with the prefix, which may end inside a name', async () => {
    const storage = await open();
    await putAll(storage, ordered);
    for (const prefix of ['', 'a', 'b', 'b/', 'b/c', 'b/c/', 'b/c.', 'b-', 'nothing', 'nothing/', 'b/c/1', 'b/c/1/']) {
      const expected = ordered.filter((key) => key.startsWith(prefix));
      assert.deepEqual(await keysOf(storage, prefix), expected, `with prefix "${prefix}"`);
    }
  });

  it('list returns the keys after startAfter, whether or not that key exists', async () => {
    const storage = await open();
    await putAll(storage, ordered);
    for (const startAfter of [...ordered, '', 'b', 'b/', 'b/c', 'b/c/', 'b/c/10', 'b/z', 'zzz', '\u{10ffff}']) {
      for (const prefix of ['', 'b', 'b/c/']) {
        const expected = ordered.filter((key) => key.startsWith(prefix) && compareKeys(key, startAfter) > 0);
        const found = await keysOf(storage, prefix, { startAfter });
        assert.deepEqual(found, expected, `with prefix "${prefix}" after "${startAfter}"`);
      }
    }
  });

  it('list of an empty storage returns nothing', async () => {
    const storage = await open();
    assert.deepEqual(await keysOf(storage), []);
    assert.deepEqual(await keysOf(storage, 'a/b'), []);
  });

  it('list returns 2,001 keys, complete and in order, and can begin in the middle', async () => {
    const storage = await open();
    // S3 and Google Cloud Storage return pages of 1,000: this is one with a page before and one behind it, and a last one of a single key.
    const keys = Array.from({ length: 2_001 }, (_, i) => `i/db_${i % 7}/rp/20240101/${String(i).padStart(5, '0')}.gz`);
    await putAll(storage, keys);
    keys.sort(compareKeys);
    assert.deepEqual(await keysOf(storage), keys);
    assert.deepEqual(await keysOf(storage, '', { startAfter: keys[999] ?? '' }), keys.slice(1000));
    const prefix = 'i/db_3/';
    assert.deepEqual(
      await keysOf(storage, prefix),
      keys.filter((key) => key.startsWith(prefix)),
    );
  }, 120_000);

  it('list stops as soon as its reader stops', async () => {
    const storage = await open();
    await putAll(storage, ['a', 'b', 'c']);
    const seen = [];
    for await (const { key } of storage.list('')) {
      seen.push(key);
      if (key === 'b') break;
    }
    assert.deepEqual(seen, ['a', 'b']);
  });
}

/** Puts the keys with many writers at once, since most of a put is waiting. */
async function putAll(storage: ObjectWriter, keys: readonly string[]): Promise<void> {
  const queue = keys.values();
  const writer = async () => {
    for (const key of queue) await storage.put(key, bodyOf(key));
  };
  await Promise.all(Array.from({ length: 64 }, writer));
}
