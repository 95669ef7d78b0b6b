import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataDirectory } from '../../src/containers/data-directory/open-data-directory';
import { columnOf, pointsOf } from '../columns';
import { keyOf, tsmBytes } from '../files/memory-file';
import { temporaryFolders } from '../fixtures/unpack';
import { fieldsIndexBytes, writeSeriesFile } from '../names/name-files';
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
  for (const name of ['000000003-000000001.tsm.tmp', '000000004-000000001.tsm.bad'])
    await writeFile(join(shard, name), 'x');
  await writeFile(join(root, 'wal/db/rp/12/_00010.wal'), walWrite(['m', 'f', 'float', [[3n, 10]]]));
  await writeFile(join(root, 'wal/db/rp/12/_00009.wal'), walWrite(['m', 'f', 'float', [[3n, 9]]]));
  return root;
}

async function read(root: string): Promise<void> {
  for (const { open } of (await openDataDirectory(join(root, 'data'))).shards) {
    const shard = await open();
    try {
      for await (const _ of shard.points());
      for await (const _ of shard.columns());
    } finally {
      await shard.close();
    }
  }
}

describe('names in a data directory', () => {
  const fields = (root: string, bytes: Uint8Array) => writeFile(join(root, 'data/db/rp/12/fields.idx'), bytes);

  it('that the series file and fields.idx know are read', async () => {
    const root = await dataDirectory();
    await writeSeriesFile(join(root, 'data/db/_series'), ['other', { a: '1' }], ['m']);
    await fields(root, fieldsIndexBytes({ m: { f: 'float' } }));
    await expect(read(root)).resolves.toBeUndefined();
  });

  it('that the series file does not have are an error', async () => {
    const root = await dataDirectory();
    await writeSeriesFile(join(root, 'data/db/_series'), ['other', { a: '1' }]);
    await expect(read(root)).rejects.toThrow(/series file has no series "m"/);
    await expect(read(root)).rejects.toThrow(code('DAMAGED'));
  });

  it('that fields.idx does not have, or with another type, are an error', async () => {
    const root = await dataDirectory();
    await fields(root, fieldsIndexBytes({ m: { g: 'float' }, other: { f: 'float' } }));
    await expect(read(root)).rejects.toThrow(/fields\.idx has no field "f" of "m"/);
    await fields(root, fieldsIndexBytes({ m: { f: 'integer' } }));
    await expect(read(root)).rejects.toThrow(/"f" of "m" has the type integer in fields\.idx, and here float/);
    await expect(read(root)).rejects.toThrow(code('DAMAGED'));
  });

  it('may be those of a series that is deleted in the TSM files, and that no one knows any more', async () => {
    const root = await dataDirectory();
    await fields(root, fieldsIndexBytes({ m: { f: 'float' } }));
    await writeSeriesFile(join(root, 'data/db/_series'), ['m']);
    const point = columnOf('float', [[1n, 1]]);
    await writeFile(join(root, 'data/db/rp/12/000000003-000000001.tsm'), await tsmBytes([['gone', 'g', point]]));
    await expect(read(root)).rejects.toThrow(/no series "gone"/);
    const tombstone = join(root, 'data/db/rp/12/000000003-000000001.tombstone');
    await writeFile(tombstone, Buffer.concat([keyOf('gone', 'g'), Buffer.from('\n')]));
    await expect(read(root)).resolves.toBeUndefined();
  });

  it('cannot be held against a damaged fields.idx or series file, which is an error', async () => {
    const root = await dataDirectory();
    await fields(root, Buffer.from('x'));
    await expect(read(root)).rejects.toThrow(/fields\.idx: .*does not begin/);
    await fields(root, fieldsIndexBytes({ m: { f: 'float' } }));
    await mkdir(join(root, 'data/db/_series'));
    await expect(read(root)).rejects.toThrow(code('INCOMPLETE'));
  });
});

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
    expect(meta).toEqual({ databases: [], users: [], shardGroupIdMax: 9, shardIdMax: 8 });
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
