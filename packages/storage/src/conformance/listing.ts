import assert from 'node:assert/strict';
import type { ObjectWriter } from '../contract';
import { compareKeys } from '../keys/compare-keys';
import { bodyOf, keysOf } from './helpers';
import type { OpenStorage, TestApi } from './test-api';

/** In byte order. `-` and `.` sort before `/`, so folders mix with the files beside them; U+1F600 sorts after U+FFFD. */
const ordered = [
  'a',
  'b-c',
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

/** What `list` promises: byte order, prefix, startAfter, at any number of keys. */
export function listingCases({ it }: TestApi, open: OpenStorage): void {
  it('lists in byte order of the keys, also around "-", "." and "/" and outside ASCII', async () => {
    const storage = await open();
    // A file system cannot hold both a file and a folder of one name, so `b-c` gives way to `b-c/x` here.
    const keys = ordered.filter((key) => key !== 'b-c');
    await putAll(storage, [...keys].reverse());
    assert.deepEqual(await keysOf(storage), keys);
  });

  it('lists what begins with a prefix, whether or not it ends in mid-name', async () => {
    const storage = await open();
    const keys = ordered.filter((key) => key !== 'b-c');
    await putAll(storage, keys);
    for (const prefix of ['', 'a', 'b', 'b/', 'b/c', 'b/c/', 'b/c.', 'b-', 'nothing', 'nothing/', 'b/c/1', 'b/c/1/']) {
      const expected = keys.filter((key) => key.startsWith(prefix));
      assert.deepEqual(await keysOf(storage, prefix), expected, `with prefix "${prefix}"`);
    }
  });

  it('lists what comes after startAfter, whether or not that key exists', async () => {
    const storage = await open();
    const keys = ordered.filter((key) => key !== 'b-c');
    await putAll(storage, keys);
    for (const startAfter of [...keys, '', 'b', 'b/', 'b/c', 'b/c/', 'b/c/10', 'b/z', 'zzz', '\u{10ffff}']) {
      for (const prefix of ['', 'b', 'b/c/']) {
        const expected = keys.filter((key) => key.startsWith(prefix) && compareKeys(key, startAfter) > 0);
        const found = await keysOf(storage, prefix, { startAfter });
        assert.deepEqual(found, expected, `with prefix "${prefix}" after "${startAfter}"`);
      }
    }
  });

  it('lists an empty storage as nothing', async () => {
    const storage = await open();
    assert.deepEqual(await keysOf(storage), []);
    assert.deepEqual(await keysOf(storage, 'a/b'), []);
  });

  it('lists 10,000 keys completely and in order, and takes up in the middle', async () => {
    const storage = await open();
    const keys = Array.from({ length: 10_000 }, (_, i) => `i/db_${i % 7}/rp/20240101/${String(i).padStart(5, '0')}.gz`);
    await putAll(storage, keys);
    keys.sort(compareKeys);
    assert.deepEqual(await keysOf(storage), keys);
    assert.deepEqual(await keysOf(storage, '', { startAfter: keys[4999] ?? '' }), keys.slice(5000));
    const prefix = 'i/db_3/';
    assert.deepEqual(
      await keysOf(storage, prefix),
      keys.filter((key) => key.startsWith(prefix)),
    );
  }, 120_000);

  it('stops listing as soon as the reader stops', async () => {
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

/** With many writers, since a put may take long and cost nothing. */
async function putAll(storage: ObjectWriter, keys: readonly string[]): Promise<void> {
  const queue = keys.values();
  const writer = async () => {
    for (const key of queue) await storage.put(key, bodyOf(key));
  };
  await Promise.all(Array.from({ length: 64 }, writer));
}
