import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeMeta } from '../../src/meta/encode-meta';
import { columnOf } from '../columns';
import { keyOf, tsmBytes } from '../files/memory-file';
import { temporaryFolders } from '../fixtures/unpack';
import { fieldsIndexBytes, writeSeriesFile } from '../names/name-files';
import { walDelete, walWrite } from '../shards/wal-bytes';
import { salvage, writeFiles } from './damaged-directory';

const folder = temporaryFolders();
const shard = 'data/db/rp/12';
const wal = 'wal/db/rp/12';
const write = (host: string, time: number, value: number) =>
  walWrite([`cpu,host=${host}`, 'f', 'float', [[BigInt(time), value]]]);

/** Makes a data directory with a WAL of two segments, and knows their names. */
async function directory(...segments: readonly Uint8Array[]): Promise<string> {
  const root = await folder();
  await writeFiles(root, { [`${shard}/fields.idx`]: fieldsIndexBytes({ cpu: { f: 'float', s: 'string' } }) });
  for (const [i, bytes] of segments.entries()) await writeFiles(root, { [`${wal}/_0000${i + 1}.wal`]: bytes });
  await writeSeriesFile(join(root, 'data/db/_series'), ...['a', 'b', 'c'].map((host) => ['cpu', { host }] as const));
  return root;
}

describe('the WAL of a damaged shard', () => {
  it('loses an entry that cannot be read, which is named by its bytes, and no entry behind it', async () => {
    const entries = [write('a', 1, 1), write('b', 2, 2), write('c', 3, 3), write('a', 4, 4)];
    const [one = Buffer.alloc(0), two = Buffer.alloc(0)] = entries;
    for (const damage of [0, 1, 4, 5, 6]) {
      const bytes = Buffer.concat(entries);
      bytes[one.length + damage] = 0xff;
      const root = await directory(bytes);
      const found = await salvage(root);
      expect(found.points, String(damage)).toEqual(['cpu,host=a f 1=1', 'cpu,host=a f 4=4', 'cpu,host=c f 3=3']);
      expect(found.losses).toMatchObject([
        { kind: 'wal', file: join(root, wal, '_00001.wal'), fromByte: one.length, toByte: one.length + two.length },
      ]);
      expect(found.cuts).toEqual([]);
    }
  });

  it('may end in the middle of an entry in its last segment, which is a crash; in another one that is a loss', async () => {
    const torn = Buffer.concat([write('a', 1, 1), write('b', 2, 2).subarray(0, -3)]);
    const crashed = await directory(write('c', 3, 3), torn);
    const found = await salvage(crashed);
    expect(found.points).toEqual(['cpu,host=a f 1=1', 'cpu,host=c f 3=3']);
    expect(found.losses).toEqual([]);
    expect(found.cuts).toMatchObject([{ segment: join(crashed, wal, '_00002.wal') }]);
    const cut = await salvage(await directory(torn, write('c', 3, 3)));
    expect(cut.points).toEqual(found.points);
    expect(cut.losses).toMatchObject([{ kind: 'wal' }]);
    expect(cut.cuts).toEqual([]);
  });

  it('sets aside keys that are not known, and types that the field does not have', async () => {
    const root = await directory(
      walWrite(['cpu,host=d', 'f', 'float', [[1n, 1]]], ['cpu,host=a', 'f', 'float', [[1n, 2]]]),
      walWrite(
        ['cpu,host=a', 's', 'float', [[1n, 3]]],
        ['cpu,host=a', 'g', 'float', [[1n, 4]]],
        ['cpu,host=d', 'f', 'float', [[1n, 5]]],
      ),
    );
    const found = await salvage(root);
    expect(found.points).toEqual(['cpu,host=a f 1=2']);
    expect([...found.doubtful].sort()).toEqual(['cpu,host=a g 1=4', 'cpu,host=a s 1=3', 'cpu,host=d f 1=5']);
    expect(found.losses).toEqual([]);
  });

  it('sets aside times that the shard cannot hold, numbers that InfluxDB cannot store, and takes no boolean that is none', async () => {
    const group = { id: 1, startNs: 0n, endNs: 1_000n, shardIds: [12] };
    const policy = { name: 'rp', durationNs: 0n, shardGroupDurationNs: 1_000n, replication: 1, shardGroups: [group] };
    const database = { name: 'db', defaultRetentionPolicy: 'rp', retentionPolicies: [policy], continuousQueries: [] };
    const root = await directory(write('a', 1_000, 1), write('b', 999, Number.POSITIVE_INFINITY), write('c', 999, 3));
    await writeFiles(root, {
      'meta/meta.db': encodeMeta({ databases: [database], shardGroupIdMax: 1, shardIdMax: 12 }),
    });
    const found = await salvage(root);
    expect(found.points).toEqual(['cpu,host=c f 999=3']);
    expect(found.doubtful).toEqual(['cpu,host=a f 1000=1', 'cpu,host=b f 999=Infinity']);
    const boolean = Buffer.from(walWrite(['cpu,host=a', 'f', 'boolean', [[1n, true]]]));
    boolean[boolean.length - 1] = 3;
    const other = await salvage(await directory(boolean, write('c', 999, 3)));
    expect(other.points).toEqual(['cpu,host=c f 999=3']);
    expect(other.losses).toMatchObject([{ kind: 'wal', fromByte: 0, toByte: boolean.length }]);
  });

  it('deletes what its entries delete, and wins over the files', async () => {
    const root = await directory(
      Buffer.concat([write('a', 1, 1), walDelete(keyOf('cpu,host=a', 'f')), write('b', 1, 2)]),
    );
    await writeFiles(root, {
      [`${shard}/000000001-000000001.tsm`]: await tsmBytes([['cpu,host=b', 'f', columnOf('float', [[1n, 9]])]]),
    });
    expect((await salvage(root)).points).toEqual(['cpu,host=b f 1=2']);
  });
});

describe('a shard folder that is half gone', () => {
  it('gives what its WAL holds; a folder of WALs that is missing is a loss', async () => {
    const root = await directory(write('a', 1, 1));
    await rm(join(root, shard), { recursive: true });
    const found = await salvage(root);
    expect(found.points).toEqual(['cpu,host=a f 1=1']);
    expect(found.losses).toEqual([]);
    await writeFiles(root, { [`${shard}/x.tmp`]: '' });
    await rm(join(root, 'wal'), { recursive: true });
    expect((await salvage(root)).losses).toMatchObject([{ kind: 'wal', file: join(root, 'wal') }]);
  });

  it('or gone as a whole is named, if the metadata has it and a later one of its policy is there', async () => {
    const root = await directory(write('a', 1_500, 1));
    const group = (id: number, startNs: bigint) => ({ id, startNs, endNs: startNs + 1_000n, shardIds: [id] });
    const shardGroups = [group(11, 0n), group(12, 1_000n), group(13, 2_000n)];
    const policy = { name: 'rp', durationNs: 0n, shardGroupDurationNs: 1_000n, replication: 1, shardGroups };
    const database = { name: 'db', defaultRetentionPolicy: 'rp', retentionPolicies: [policy], continuousQueries: [] };
    await writeFiles(root, {
      'meta/meta.db': encodeMeta({ databases: [database], shardGroupIdMax: 3, shardIdMax: 13 }),
    });
    const found = await salvage(root);
    expect(found.points).toEqual(['cpu,host=a f 1500=1']);
    expect(found.losses).toEqual([
      {
        kind: 'shard',
        file: join(root, 'data/db/rp/11'),
        shard: { database: 'db', retentionPolicy: 'rp', id: 11 },
        minTimeNs: 0n,
        maxTimeNs: 999n,
        reason: expect.any(String),
      },
    ]);
    await writeFile(join(root, 'meta/meta.db'), (await readFile(join(root, 'meta/meta.db'))).subarray(0, -3));
    expect((await salvage(root)).losses).toMatchObject([{ kind: 'file', file: join(root, 'meta/meta.db') }]);
  });
});
