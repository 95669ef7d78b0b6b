import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { columnOf, type TestPoint } from '../columns';
import { keyOf, tsmBytes } from '../files/memory-file';
import { temporaryFolders } from '../fixtures/unpack';
import { fieldsIndexBytes, writeSeriesFile } from '../names/name-files';
import { flip, salvage, writeFiles } from './damaged-directory';

const folder = temporaryFolders();
const shard = 'data/db/rp/12';
const first = `${shard}/000000001-000000001.tsm`;
const hosts = ['a', 'b', 'c', 'd'];
const point = (host: string, time: number, value: number) => `cpu,host=${host} f ${time}=${value}`;
/** Two blocks of two points for each host. */
const points = hosts.flatMap((host, i) => [1, 2, 3, 4].map((time) => point(host, time, 10 * i + time)));
const ofHost = (...wanted: string[]) =>
  points.filter((one) => wanted.some((host) => one.startsWith(`cpu,host=${host} `)));

async function cpuFile(): Promise<Buffer> {
  const fields = hosts.map((host, i) => {
    const column: TestPoint[] = [1, 2, 3, 4].map((time) => [BigInt(time), 10 * i + time]);
    return [`cpu,host=${host}`, 'f', columnOf('float', column)] as const;
  });
  return tsmBytes(fields, { blockPointsMax: 2 });
}

/** Makes a data directory with one TSM file of four series, whose names are known. */
async function directory(): Promise<string> {
  const root = await folder();
  await writeFiles(root, {
    [first]: await cpuFile(),
    [`${shard}/fields.idx`]: fieldsIndexBytes({ cpu: { f: 'float' } }),
    'wal/x': '',
  });
  await writeSeriesFile(join(root, 'data/db/_series'), ...[...hosts, 'z'].map((host) => ['cpu', { host }] as const));
  return root;
}

/** Returns where the entry of a host begins in the index. */
async function entryOf(root: string, host: string): Promise<number> {
  const bytes = await readFile(join(root, first));
  return bytes.lastIndexOf(keyOf(`cpu,host=${host}`, 'f')) - 2;
}

const keyLength = keyOf('cpu,host=a', 'f').length;
describe('a TSM file', () => {
  it('without damage comes out whole, and nothing is reported', async () => {
    const found = await salvage(await directory());
    expect(found).toEqual({ points, doubtful: [], doubts: [], losses: [], unchecked: [], cuts: [] });
  });

  it('with a wrong block comes out without it, and the loss has its file, shard, key, times and bytes', async () => {
    const root = await directory();
    const offset = Number(
      (await readFile(join(root, first))).readBigUInt64BE((await entryOf(root, 'b')) + 2 + keyLength + 3 + 28 + 16),
    );
    await flip(join(root, first), offset + 9, 3);
    const found = await salvage(root);
    expect(found.points).toEqual(points.filter((one) => one !== point('b', 3, 13) && one !== point('b', 4, 14)));
    expect(found.losses).toEqual([
      {
        kind: 'block',
        file: join(root, first),
        shard: { database: 'db', retentionPolicy: 'rp', id: 12 },
        key: keyOf('cpu,host=b', 'f'),
        minTimeNs: 3n,
        maxTimeNs: 4n,
        fromByte: offset,
        toByte: expect.any(Number),
        reason: expect.stringMatching(/checksum/),
      },
    ]);
    expect(found.doubtful).toEqual([]);
  });

  it('comes out whole although the number of blocks, the length of a key, a type, an offset, a size or a time in its index is wrong', async () => {
    const at = {
      length: 1,
      type: 2 + keyLength,
      count: 2 + keyLength + 2,
      last: 2 + keyLength + 3 + 15,
      offset: 2 + keyLength + 3 + 23,
      size: 2 + keyLength + 3 + 27,
    };
    const root = await directory();
    const whole = await cpuFile();
    for (const [what, byte] of Object.entries(at)) {
      for (const host of ['a', 'b', 'd']) {
        for (const bit of [0, 1, 4]) {
          await writeFile(join(root, first), whole);
          await flip(join(root, first), (await entryOf(root, host)) + byte, bit);
          const found = await salvage(root);
          expect(found.points, `${what} of ${host}, bit ${bit}`).toEqual(points);
          expect(found.doubtful).toEqual([]);
        }
      }
    }
  });

  it('that was cut in its index gives what the rest of the index leads to; the blocks without a name are named by their bytes', async () => {
    const root = await directory();
    await truncate(join(root, first), (await entryOf(root, 'c')) + 5);
    const found = await salvage(root);
    expect(found.points).toEqual(ofHost('a', 'b'));
    expect(found.losses).toMatchObject([{ kind: 'index', file: join(root, first), toByte: await entryOf(root, 'a') }]);
  });

  it('that was cut before its index is lost as a whole, and named', async () => {
    const root = await directory();
    await truncate(join(root, first), 90);
    const found = await salvage(root);
    expect(found.points).toEqual([]);
    expect(found.losses).toMatchObject([{ kind: 'file', file: join(root, first), fromByte: 0, toByte: 90 }]);
    await truncate(join(root, first), 0);
    expect((await salvage(root)).losses).toMatchObject([{ kind: 'file' }]);
  });

  it('whose footer or head is wrong comes out whole', async () => {
    for (const fromEnd of [1, 2, 3, 8]) {
      const root = await directory();
      await flip(join(root, first), (await readFile(join(root, first))).length - fromEnd, 2);
      const found = await salvage(root);
      expect(found.points, String(fromEnd)).toEqual(points);
    }
    const root = await directory();
    await flip(join(root, first), 1);
    expect((await salvage(root)).points).toEqual(points);
  });

  it.each([
    ['a short key', 'cpu,host=h0'],
    ['a key whose length reads like text', `cpu,host=${'h'.repeat(40)}`],
  ])('of one series comes out whole whatever bit of its footer is wrong: %s', async (_, series) => {
    const root = await folder();
    const whole = await tsmBytes([[series, 'f', columnOf('float', [[1n, 5]])]]);
    await writeFiles(root, { [`${shard}/fields.idx`]: fieldsIndexBytes({ cpu: { f: 'float' } }), 'wal/x': '' });
    await writeSeriesFile(join(root, 'data/db/_series'), ['cpu', { host: series.slice('cpu,host='.length) }]);
    for (let bit = 0; bit < 64; bit += 1) {
      const bytes = Buffer.from(whole);
      const at = bytes.length - 1 - (bit >>> 3);
      bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
      await writeFiles(root, { [first]: bytes });
      const { points: found, doubtful, losses } = await salvage(root);
      expect({ bit, found, doubtful, losses }).toEqual({ bit, found: [`${series} f 1=5`], doubtful: [], losses: [] });
    }
  });

  it('of which the index is unreadable from some byte on and readable later is resynchronized', async () => {
    const root = await directory();
    const bytes = await readFile(join(root, first));
    const from = await entryOf(root, 'b');
    bytes.fill(0xff, from, from + 30);
    await writeFile(join(root, first), bytes);
    const found = await salvage(root);
    expect(found.points).toEqual(ofHost('a', 'c', 'd'));
    expect(found.losses.map(({ kind, fromByte, toByte }) => [kind, fromByte, toByte])).toEqual([
      ['index', from, await entryOf(root, 'c')],
      ['index', expect.any(Number), expect.any(Number)],
    ]);
  });

  it('that influxd renamed is read; what is unfinished or a leftover of a backup is not', async () => {
    const root = await directory();
    await rename(join(root, first), join(root, `${first}.bad`));
    await writeFiles(root, {
      [`${shard}/000000002-000000001.tsm.tmp`]: await cpuFile(),
      [`${shard}/3.tmp/000000001-000000001.tsm`]: 'x',
      [`${shard}.tmp/000000001-000000001.tsm`]: 'x',
    });
    const found = await salvage(root);
    expect(found.points).toEqual(points);
    expect(found.losses).toEqual([]);
    await writeFiles(root, { [first]: await tsmBytes([['cpu,host=a', 'f', columnOf('float', [[1n, 99]])]]) });
    expect((await salvage(root)).points).toContain(point('a', 1, 99));
  });

  it('keeps its tombstones; those that cannot be read are named', async () => {
    const root = await directory();
    const tombstones = `${shard}/000000001-000000001.tombstone`;
    await writeFiles(root, { [tombstones]: Buffer.concat([keyOf('cpu,host=a', 'f'), Buffer.from('\n')]) });
    expect((await salvage(root)).points).toEqual(ofHost('b', 'c', 'd'));
    await flip(join(root, first), 20);
    expect((await salvage(root)).points).toEqual(ofHost('b', 'c', 'd'));
    await writeFiles(root, { [tombstones]: Buffer.from([0, 0, 0x15, 3, 1, 2, 3]) });
    const found = await salvage(root);
    expect(found.losses).toMatchObject([{ kind: 'file', file: join(root, tombstones) }, { kind: 'block' }]);
  });

  it('of which only the tombstones are left, and names that say nothing, are named', async () => {
    const root = await directory();
    await writeFiles(root, {
      [`${shard}/000000007-000000001.tombstone`]: 'x',
      [`${shard}/00000000x-000000001.tsm`]: 'x',
      'data/db/rp/12x/000000001-000000001.tsm': 'x',
    });
    const { points: found, losses } = await salvage(root);
    expect(found).toEqual(points);
    expect(losses.map(({ kind, file }) => [kind, file])).toEqual([
      ['name', join(root, 'data/db/rp/12x')],
      ['name', join(root, `${shard}/00000000x-000000001.tsm`)],
      ['file', join(root, `${shard}/000000007-000000001.tsm`)],
    ]);
  });
});

describe('a disk', () => {
  it('that refuses to read, and the signal, are errors', async () => {
    const root = await directory();
    await expect(salvage(root, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await rm(join(root, 'data'), { recursive: true });
    await expect(salvage(root)).rejects.toThrow(expect.objectContaining({ code: 'MISSING' }));
  });
});
