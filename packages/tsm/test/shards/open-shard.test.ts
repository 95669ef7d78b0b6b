import { describe, expect, it } from 'vitest';
import { type ByteSource, bytesSource } from '../../src/files/byte-source';
import type { Shard } from '../../src/shards/contract';
import { openShard } from '../../src/shards/open-shard';
import { columnOf, pointsOf, type TestPoint } from '../columns';
import { fileOfBlocks, keyOf, tsmBytes } from '../files/memory-file';
import { walWrite } from './wal-bytes';

const file = (name: string, bytes: Uint8Array) => ({ name, source: bytesSource(name, bytes) });
const wal = (...entries: Uint8Array[]) => bytesSource('_00001.wal', Buffer.concat(entries));

async function read(shard: Shard): Promise<unknown[]> {
  const points: unknown[] = [];
  for await (const { column } of shard.columns()) points.push(...pointsOf(column));
  return points;
}

describe('the files of a shard', () => {
  it('are ordered by the numbers in their names, not by their text', async () => {
    const one = async (value: number) => tsmBytes([['m', 'f', columnOf('float', [[1n, value]])]]);
    const names = [
      '000000002-000000010.tsm',
      '1000000000-000000001.tsm',
      '000000002-000000009.tsm',
      '000000000-000999000.tsm',
    ];
    const files = await Promise.all(names.map(async (name, i) => file(name, await one(i))));
    expect(await read(await openShard({ files }))).toEqual([[1n, 1]]);
    expect(await read(await openShard({ files: [0, 2, 3].flatMap((i) => files[i] ?? []) }))).toEqual([[1n, 0]]);
  });

  it('must have names that say which of them wins', async () => {
    const bytes = await tsmBytes([['m', 'f', columnOf('float', [[1n, 1]])]]);
    await expect(openShard({ files: [file('a.tsm', bytes)] })).rejects.toThrow(
      expect.objectContaining({ code: 'NOT_TSM' }),
    );
    const twice = [file('1-1.tsm', bytes), file('01-01.tsm', bytes)];
    await expect(openShard({ files: twice })).rejects.toThrow(/two files named/);
  });

  it('may give a field two types only in different series, because InfluxDB cannot read it either', async () => {
    const float = await tsmBytes([['m', 'f', columnOf('float', [[1n, 1]])]]);
    const integer = await tsmBytes([['m', 'f', columnOf('integer', [[9n, 1n]])]]);
    const shard = await openShard({ files: [file('1-1.tsm', float), file('2-1.tsm', integer)] });
    await expect(read(shard)).rejects.toThrow(/"m#!~#f" has the type float in 1-1\.tsm, and integer in 2-1\.tsm/);
  });

  it('are read although blocks of one key overlap, as old versions wrote them: the later block wins', async () => {
    const key = keyOf('m', 'f');
    const blocks: TestPoint[][] = [
      [
        [1n, 1],
        [5n, 1],
      ],
      [
        [3n, 2],
        [5n, 2],
      ],
      [[4n, 3]],
      [[9n, 4]],
    ];
    const shard = await openShard({ files: [file('1-1.tsm', fileOfBlocks(key, blocks))] });
    expect(await read(shard)).toEqual([
      [1n, 1],
      [3n, 2],
      [4n, 3],
      [5n, 2],
      [9n, 4],
    ]);
  });

  it('are closed with the shard, and when it cannot be opened', async () => {
    const closed: string[] = [];
    const counted = (source: ByteSource): ByteSource => ({
      ...source,
      close: async () => void closed.push(source.name),
    });
    const bytes = await tsmBytes([['m', 'f', columnOf('float', [[1n, 1]])]]);
    const source = counted(bytesSource('1-1.tsm', bytes));
    const tombstones = counted(bytesSource('1-1.tombstone', new Uint8Array(0)));
    const shard = await openShard({ files: [{ name: '1-1.tsm', source, tombstones }], wal: [counted(wal())] });
    await shard.close();
    expect(closed.sort()).toEqual(['1-1.tombstone', '1-1.tsm', '_00001.wal']);
    await expect(
      openShard({ files: [{ name: '1-1.tsm', source: counted(bytesSource('cut', bytes.subarray(0, 9))) }] }),
    ).rejects.toThrow();
    expect(closed).toContain('cut');
  });
});

describe('reading a shard', () => {
  it('leaves turns of the event loop to others, also where everything is in memory', async () => {
    const noise = Array.from({ length: 1_000 }, (_, i): TestPoint => [BigInt(i), Math.sin(i)]);
    const column = columnOf('float', noise);
    const bytes = await tsmBytes(Array.from({ length: 200 }, (_, i) => ['m', `f${i}`, column] as const));
    const shard = await openShard({ files: [file('1-1.tsm', bytes)] });
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await read(shard);
    isDone = true;
    expect(turns).toBeGreaterThan(3);
  });

  it('takes few reads, also the second time', async () => {
    const column = columnOf(
      'float',
      Array.from({ length: 50 }, (_, i): TestPoint => [BigInt(i), Math.sin(i)]),
    );
    const bytes = await tsmBytes(Array.from({ length: 2_000 }, (_, i) => [`m,t=${i}`, 'f', column] as const));
    let reads = 0;
    const source = bytesSource('1-1.tsm', bytes);
    const counted: ByteSource = {
      ...source,
      read: (position, length) => {
        reads += 1;
        return source.read(position, length);
      },
    };
    const shard = await openShard({ files: [{ name: '1-1.tsm', source: counted }] });
    for (let time = 1; time <= 2; time += 1) {
      reads = 0;
      expect(await read(shard)).toHaveLength(100_000);
      expect(reads).toBeLessThan(10 + bytes.length / 100_000);
    }
    reads = 0;
    for await (const { length } of shard.points()) expect(length).toBe(50);
    expect(reads).toBeLessThan(10 + bytes.length / 100_000);
  });

  it('refuses a range that is not one', async () => {
    const shard = await openShard({ files: [] });
    await expect(
      shard
        .columns({ from: 1 } as object)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toThrow(/`from` to be a bigint/);
    expect(() => shard.points({ until: 1n } as object)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});

describe('a WAL', () => {
  const values = {
    float: 1.5,
    integer: -3n,
    unsigned: 2n ** 64n - 1n,
    boolean: true,
    string: Buffer.from('a\nb'),
  } as const;
  const entry = walWrite(
    ...(Object.entries(values) as ['float', number][]).map(
      ([type, value]) => ['m', type, type, [[1n, value]]] as const,
    ),
  );

  it('has values of every type', async () => {
    const shard = await openShard({ files: [], wal: [wal(entry)] });
    expect(shard.walCuts).toEqual([]);
    expect(await read(shard)).toEqual([
      [1n, true],
      [1n, 1.5],
      [1n, -3n],
      [1n, 'a\nb'],
      [1n, 2n ** 64n - 1n],
    ]);
  });

  it('is read up to a write that a crash cut, and says where that was', async () => {
    const last = walWrite(['m', 'float', 'float', [[2n, 2]]]);
    for (let length = 1; length < last.length; length += 1) {
      const shard = await openShard({ files: [], wal: [wal(entry, last.subarray(0, length))] });
      expect(shard.walCuts).toEqual([
        { segment: '_00001.wal', position: entry.length, sizeBytes: entry.length + length },
      ]);
      expect(await read(shard)).toHaveLength(5);
    }
    const zeros = await openShard({ files: [], wal: [wal(entry, new Uint8Array(4096))] });
    expect(zeros.walCuts).toMatchObject([{ position: entry.length }]);
  });

  it('is refused if an entry that others follow cannot be read', async () => {
    const broken = entry.slice();
    broken[9] = 0xff;
    await expect(openShard({ files: [], wal: [wal(entry, broken, entry)] })).rejects.toThrow(
      new RegExp(`^_00001\\.wal, entry at ${entry.length}: `),
    );
  });
});
