import { expect, it } from 'vitest';
import { formatKey, formatPrefix, MemoryStorage } from '../../src/index';
import { firstFiles, formatHeartbeatKey, listInstances } from '../../src/internal';

const id = '018f5e6a-7b1c-7def-8123-456789abcdef';
const day = '20240509';
const sink = '5d0c7b5e-0000-4000-8000-000000000000';

async function holding(...keys: string[]) {
  const storage = new MemoryStorage();
  for (const key of keys) {
    await storage.put(key, {
      sizeBytes: 1,
      async *open() {
        yield Buffer.of(0);
      },
    });
  }
  return storage;
}

const fileOf = (instance: string, database = 'db', retentionPolicy = '') =>
  formatKey({ instance, database, retentionPolicy, day, id });

it('names the servers that a backup has a file or a ledger of, and nothing else that lies in the bucket', async () => {
  const storage = await holding(
    fileOf('a'),
    fileOf('a', 'db_2'),
    fileOf('a-b'),
    fileOf('a b'),
    fileOf('a0'),
    formatHeartbeatKey({ instance: 'silent', sink, day, id }),
    formatHeartbeatKey({ instance: 'a', sink, day, id }),
    formatKey({ instance: 'refused', database: 'db', day, id, quarantine: true }),
    'notes/readme.txt',
    'readme.txt',
    'zoo/of/other/files/here.gz',
  );
  expect(await listInstances(storage)).toEqual(['a', 'a b', 'a-b', 'a0', 'silent']);
  expect(await listInstances(await holding('readme.txt'))).toEqual([]);
});

it('returns one file of each folder below a prefix, and lists each folder up to that file only', async () => {
  const keys = Array.from({ length: 3000 }, (_, i) => fileOf('a', 'db_0', `rp_${String(i).padStart(4, '0')}`));
  const storage = await holding(...keys, fileOf('a', 'db_1'));
  let seen = 0;
  const counted = {
    get: storage.get.bind(storage),
    async *list(prefix: string, options?: object) {
      for await (const info of storage.list(prefix, options)) {
        seen += 1;
        yield info;
      }
    },
  };
  const found = await firstFiles(counted, formatPrefix({ instance: 'a' }));
  expect(found.map(({ database, retentionPolicy }) => [database, retentionPolicy])).toEqual([
    ['db_0', 'rp_0000'],
    ['db_1', undefined],
  ]);
  expect(seen).toBe(2);
});
