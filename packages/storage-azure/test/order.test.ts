import { keysOf } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { inByteOrder } from '../src/calls/byte-order';
import { startAzure } from './helpers';

/** Names in the order of their bytes. Azure lists them by UTF-16 units, in which U+1F600 comes before U+E000 and U+FFFD. */
const ordered = [
  'a',
  'é',
  'é/\ue000/x',
  'é/\ufffd',
  'é/😀',
  'é/😀/\ufffd',
  'é/😀/😀',
  'ｆ',
  'ｆ/b',
  '\ufffd',
  '😀',
  '😀/1',
].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

it('lists in the order of bytes what Azure lists in that of UTF-16 units, and begins anywhere', async () => {
  const { fake, storage } = await startAzure('l');
  fake.bucket().seed(ordered);
  expect(fake.bucket().names()).not.toEqual(ordered);
  expect(await keysOf(storage)).toEqual(ordered);
  for (const [at, startAfter] of ordered.entries()) {
    const keys: string[] = [];
    for await (const { key } of storage.list('', { startAfter })) keys.push(key);
    expect(keys, `after ${startAfter}`).toEqual(ordered.slice(at + 1));
  }
});

it('sorts names across the pages of a listing', async () => {
  const { fake, storage } = await startAzure('l');
  const faces = Array.from({ length: 1500 }, (_, i) => `k/😀${String(i).padStart(4, '0')}`);
  const wide = Array.from({ length: 1500 }, (_, i) => `k/\ufffd${String(i).padStart(4, '0')}`);
  fake.bucket().seed([...faces, ...wide, 'k/z', 'l']);
  expect(await keysOf(storage)).toEqual(['k/z', ...wide, ...faces, 'l']);
});

it('holds no endless run of such names in memory: it says which names are too many', async () => {
  let asked = 0;
  async function* endless() {
    for (; ; asked += 1) yield { key: `k/😀${asked}` };
  }
  const listing = inByteOrder(endless(), (key) => new Error(`too many names like ${key}`));
  await expect(listing.next()).rejects.toThrow('too many names like k/😀100000');
  expect(asked).toBe(100_000);
});
