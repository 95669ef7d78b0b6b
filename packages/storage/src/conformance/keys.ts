import assert from 'node:assert/strict';
import { bodyOf, inChunks, keysOf, readAll, rejectsWith } from './helpers';
import type { OpenStorage, TestApi } from './test-api';

const longPart = 'n'.repeat(255);

const refused: readonly [string, string][] = [
  ['is empty', ''],
  ['is absolute', '/a'],
  ['has an empty part', 'a//b'],
  ['ends in a slash', 'a/'],
  ['has a part ".."', 'a/../../b'],
  ['is ".."', '..'],
  ['has a part "."', './a'],
  ['has a part over 255 bytes', `a/${longPart}n`],
  ['has a part over 255 bytes outside ASCII', 'é'.repeat(128)],
  ['is over 1,024 bytes', Array(5).fill('n'.repeat(210)).join('/')],
  ['contains a backslash, which Azure stores as "/"', 'a\\b'],
  ['has a part that ends in dots, which Azure drops', 'a../b'],
  ['contains a NUL', 'a\0b'],
  ['contains a line feed', 'a\nb'],
  ['contains half a surrogate pair', 'a\ud83d'],
];

/** Declares what every storage refuses as a key, and what every storage accepts. */
export function keyCases({ it }: TestApi, openStorage: OpenStorage): void {
  for (const [what, key] of refused) {
    it(`put and get refuse a key that ${what} with INVALID_KEY, and the body is not opened`, async () => {
      const storage = await openStorage();
      let opened = 0;
      const open = () => {
        opened += 1;
        return inChunks(Buffer.from('x'));
      };
      await rejectsWith('INVALID_KEY', storage.put(key, { sizeBytes: 1, open }));
      await rejectsWith('INVALID_KEY', readAll(storage.get(key)));
      assert.equal(opened, 0);
      assert.deepEqual(await keysOf(storage), []);
    });
  }

  it('list refuses a prefix that leads out of the storage with INVALID_KEY', async () => {
    const storage = await openStorage();
    for (const prefix of ['../', '/', 'a/../b', 'a//b']) await rejectsWith('INVALID_KEY', keysOf(storage, prefix));
  });

  it('put and get accept the longest keys, and keys with any other characters', async () => {
    const storage = await openStorage();
    const keys = [
      [longPart, longPart, longPart, 'n'.repeat(250), 'last'].join('/'),
      'with space/%2F/+&=?#;:@/"\'<>|*/[x]/{y}',
      '.hidden/..x/x..y',
      'ünï/日本/😀.gz',
    ];
    for (const key of keys) {
      assert.equal(await storage.put(key, bodyOf(key)), 'created', key);
      assert.equal(String(await readAll(storage.get(key))), key);
    }
    assert.deepEqual((await keysOf(storage)).toSorted(), keys.toSorted());
  });
}
