import { keysOf } from '@ceres/testkit';
import { expect, it } from 'vitest';
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
