import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPortableFolder } from '../../src/containers/portable/portable-folder';
import { PortableWriter } from '../../src/containers/portable/portable-writer';
import { bytesSource } from '../../src/files/byte-source';
import type { StorageMeta } from '../../src/meta/storage-meta';
import { columnOf, pointsOf } from '../columns';
import { tsmBytes } from '../files/memory-file';
import { temporaryFolders } from '../fixtures/unpack';

const folder = temporaryFolders();
const stampMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const minNs = -(2n ** 63n);

const meta: StorageMeta = {
  databases: [
    {
      name: 'dé',
      defaultRetentionPolicy: 'rp',
      retentionPolicies: [
        {
          name: 'rp',
          durationNs: 0n,
          shardGroupDurationNs: 604_800_000_000_000n,
          replication: 1,
          shardGroups: [
            { id: 1, startNs: minNs - 5n, endNs: minNs + 604_800_000_000_000n, shardIds: [1] },
            { id: 2, startNs: -1n, endNs: 604_800_000_000_000n, deletedAtNs: 7n, truncatedAtNs: 9n, shardIds: [2] },
          ],
        },
        {
          name: 'empty',
          durationNs: 3_600_000_000_000n,
          shardGroupDurationNs: 3_600_000_000_000n,
          replication: 2,
          shardGroups: [],
        },
      ],
      continuousQueries: [{ name: 'cq', query: 'CREATE CONTINUOUS QUERY …' }],
    },
  ],
  shardGroupIdMax: 2,
  shardIdMax: 2,
};

const shard = { database: 'dé', retentionPolicy: 'rp', id: 2 };

async function file(value: number) {
  const name = '000000000-000001000.tsm';
  return { name, source: bytesSource(name, await tsmBytes([['m', 'f', columnOf('float', [[1n, value]])]])) };
}

const refused = (code: string) => expect.objectContaining({ code });

describe('PortableWriter', () => {
  it.each([0, 1, 9])('writes what is read again, with gzip %i', async (gzipLevel) => {
    const path = await folder();
    const writer = new PortableWriter(path, { stampMs, gzipLevel });
    await writer.add(shard, [await file(5)]);
    await expect(openPortableFolder(path)).rejects.toThrow(refused('MISSING'));
    await writer.finish(meta);
    const names = ['20260102T030405Z.manifest', '20260102T030405Z.meta', '20260102T030405Z.s2.tar.gz'];
    expect((await readdir(path)).sort()).toEqual(names);
    const container = await openPortableFolder(path);
    expect(container.meta).toMatchObject(meta);
    expect(container.shards).toMatchObject([shard]);
    const opened = await container.shards[0]?.open();
    const points: unknown[] = [];
    for await (const { column } of opened?.columns() ?? []) points.push(...pointsOf(column));
    expect(points).toEqual([[1n, 5]]);
    await opened?.close();
  });

  it('names files and sizes as InfluxDB does', async () => {
    const path = await folder();
    const writer = new PortableWriter(path, { stampMs, limited: true });
    await writer.add(shard, [await file(5)]);
    await writer.finish(meta);
    const manifest = JSON.parse(await readFile(join(path, '20260102T030405Z.manifest'), 'utf8'));
    // The size is that of the message inside.
    const metaSize = (await readFile(join(path, '20260102T030405Z.meta'))).length - 5;
    expect(manifest).toEqual({
      meta: { fileName: '20260102T030405Z.meta', size: metaSize },
      limited: true,
      files: [
        {
          database: 'dé',
          policy: 'rp',
          shardID: 2,
          fileName: '20260102T030405Z.s2.tar.gz',
          size: expect.any(Number),
          lastModified: stampMs * 1e6,
        },
      ],
    });
  });

  it('refuses a file with tombstones, which InfluxDB would ignore, and leaves nothing of its shard behind', async () => {
    const path = await folder();
    const writer = new PortableWriter(path, { stampMs });
    const tombstones = bytesSource('000000000-000001000.tombstone', new Uint8Array());
    const deletedFrom = { ...(await file(5)), tombstones };
    await expect(writer.add(shard, [deletedFrom])).rejects.toThrow(refused('HAS_TOMBSTONES'));
    await expect(writer.add(shard, [deletedFrom])).rejects.toThrow('dé/rp/2/000000000-000001000.tsm has tombstones');
    expect(await readdir(path)).toEqual([]);
    await writer.add(shard, [await file(5)]);
  });

  it('refuses names that lead out of the folder, a shard that the metadata lacks, and a file that is there', async () => {
    const path = await folder();
    const writer = new PortableWriter(path, { stampMs });
    await expect(writer.add({ ...shard, database: '..' }, [await file(1)])).rejects.toThrow(refused('UNSAFE_NAME'));
    await writeFile(join(path, '20260102T030405Z.s2.tar.gz'), '');
    await expect(writer.add(shard, [await file(1)])).rejects.toThrow(refused('UNWRITABLE'));
    await writer.add({ ...shard, id: 3 }, [await file(1)]);
    await expect(writer.finish(meta)).rejects.toThrow(refused('MISSING'));
    expect(() => new PortableWriter(path, { stampMs: 1.5 })).toThrow(refused('INVALID_OPTIONS'));
  });
});
