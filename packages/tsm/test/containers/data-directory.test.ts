import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataDirectory } from '../../src/containers/data-directory';
import { columnOf, pointsOf } from '../columns';
import { keyOf, tsmBytes } from '../files/memory-file';
import { temporaryFolders } from '../fixtures/unpack';
import { walWrite } from '../shards/wal-bytes';

const folder = temporaryFolders();
const code = (expected: string) => expect.objectContaining({ code: expected });
const file = (value: number) =>
  tsmBytes([
    [
      'm',
      'f',
      columnOf('float', [
        [1n, value],
        [2n, value],
      ]),
    ],
  ]);

/** Makes a data directory with one shard: two generations, a tombstone, a WAL, and files that are not part of it. */
async function dataDirectory(): Promise<string> {
  const root = await folder();
  const shard = join(root, 'data/db/rp/12');
  await mkdir(shard, { recursive: true });
  await mkdir(join(root, 'wal/db/rp/12'), { recursive: true });
  await writeFile(join(shard, '000000001-000000001.tsm'), await file(1));
  await writeFile(join(shard, '000000002-000000001.tsm'), await file(2));
  const key = keyOf('m', 'f');
  const tombstone = Buffer.concat([Buffer.from([0, 0, 0x15, 2, 0, 0, 0, key.length]), key, Buffer.alloc(16)]);
  tombstone.writeBigInt64BE(2n, tombstone.length - 16);
  tombstone.writeBigInt64BE(2n, tombstone.length - 8);
  await writeFile(join(shard, '000000002-000000001.tombstone'), tombstone);
  for (const name of ['000000003-000000001.tsm.tmp', '000000004-000000001.tsm.bad', 'fields.idx'])
    await writeFile(join(shard, name), 'x');
  await writeFile(join(root, 'wal/db/rp/12/_00010.wal'), walWrite(['m', 'f', 'float', [[3n, 10]]]));
  await writeFile(join(root, 'wal/db/rp/12/_00009.wal'), walWrite(['m', 'f', 'float', [[3n, 9]]]));
  return root;
}

describe('a data directory', () => {
  it('is its TSM files, each with its own tombstones, and the segments of the WAL in order', async () => {
    const root = await dataDirectory();
    const { shards, meta } = await openDataDirectory(join(root, 'data'));
    expect(shards).toMatchObject([{ database: 'db', retentionPolicy: 'rp', id: 12 }]);
    expect(shards[0]?.sizeBytes).toBeGreaterThan(200);
    expect(meta).toBeUndefined();
    const points: unknown[] = [];
    const shard = await shards[0]?.open();
    for await (const { column } of shard?.columns() ?? []) points.push(...pointsOf(column));
    await shard?.close();
    expect(points).toEqual([
      [1n, 2],
      [2n, 1],
      [3n, 10],
    ]);
  });

  it('may have its WAL and its metadata elsewhere, and shards behind links', async () => {
    const root = await dataDirectory();
    const other = await folder();
    await symlink(join(root, 'data/db'), join(other, 'linked'));
    await writeFile(join(root, 'meta.db'), Buffer.from([0x40, 9, 0x48, 8]));
    const { shards, meta } = await openDataDirectory(other, { walDir: join(root, 'none'), metaDir: root });
    expect(shards).toMatchObject([{ database: 'linked', id: 12 }]);
    expect(meta).toEqual({ databases: [], shardGroupIdMax: 9, shardIdMax: 8 });
  });

  it('that is missing, or has metadata that cannot be read, is an error', async () => {
    await expect(openDataDirectory(join(await folder(), 'none'))).rejects.toThrow(code('MISSING'));
    const root = await dataDirectory();
    await mkdir(join(root, 'meta'));
    await writeFile(join(root, 'meta/meta.db'), Buffer.from([0x2a, 0x7f]));
    await expect(openDataDirectory(join(root, 'data'))).rejects.toThrow(/meta\.db: /);
    await expect(openDataDirectory(join(root, 'data'), { wal: '/' } as object)).rejects.toThrow(
      code('INVALID_OPTIONS'),
    );
  });
});
