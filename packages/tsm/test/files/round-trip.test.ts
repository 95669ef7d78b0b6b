import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/files/byte-source';
import { splitKey } from '../../src/files/key';
import { TsmReader } from '../../src/files/tsm-reader';
import { TsmWriter } from '../../src/files/write/tsm-writer';
import { columnOf, columns, pointsOf, type TestPoint } from '../columns';
import { keyOf, MemorySink, type TestField, tsmBytes } from './memory-file';

const open = (bytes: Uint8Array) => TsmReader.open(bytesSource('a.tsm', bytes));

async function readAll(reader: TsmReader, key: Uint8Array, range = {}): Promise<unknown[]> {
  const points: unknown[] = [];
  for await (const column of reader.read(key, range)) points.push(...pointsOf(column));
  return points;
}

const ramp = (length: number, type: 'integer' | 'float' = 'integer') =>
  columnOf(
    type,
    Array.from({ length }, (_, i): TestPoint => [BigInt(i) * 10n, type === 'float' ? i / 4 : BigInt(i)]),
  );

describe('a TSM file', () => {
  it('gives back every key in order, and every point of each', async () => {
    const files = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z,= #!~]{1,9}$/), columns()), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom(3, 1000), async (fields, blockPointsMax) => {
        const written = fields.map(
          ([name, { type, points }]): TestField => [`m,t=${name}`, 'f', columnOf(type, points)],
        );
        const reader = await open(await tsmBytes(written, { blockPointsMax }));
        const keys: string[] = [];
        for await (const { key, type } of reader.keys()) keys.push(`${type} ${Buffer.from(key)}`);
        const expected = written.map(([series, field, { type }]) => `${type} ${series}#!~#${field}`);
        const byKey = (a: string, b: string) =>
          Buffer.compare(Buffer.from(a.replace(/^\w+ /, '')), Buffer.from(b.replace(/^\w+ /, '')));
        expect(keys).toEqual(expected.sort(byKey));
        for (const [series, field, column] of written) {
          expect(await readAll(reader, keyOf(series, field))).toEqual(pointsOf(column));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('finds each of many keys, and says that it has no other', async () => {
    const name = (i: number) => `cpu,host=${String(i).padStart(5, '0')},region=somewhere\\ far\\ away`;
    const reader = await open(
      await tsmBytes(Array.from({ length: 4_000 }, (_, i): TestField => [name(i), 'usage', ramp(1 + (i % 3))])),
    );
    for (const i of [0, 1, 777, 1_999, 3_998, 3_999]) {
      const found = await reader.find(keyOf(name(i), 'usage'));
      expect(Buffer.from(splitKey(found?.key ?? new Uint8Array()).seriesKey).toString()).toBe(name(i));
      expect(await readAll(reader, keyOf(name(i), 'usage'))).toHaveLength(1 + (i % 3));
    }
    expect(await reader.find(keyOf(name(0), 'usage.'))).toBeUndefined();
    expect(await reader.find(keyOf('a', 'b'))).toBeUndefined();
    expect(await reader.find(keyOf('z', 'b'))).toBeUndefined();
  });

  it('is read by time range without its other blocks', async () => {
    const bytes = await tsmBytes([['m', 'f', ramp(5_000)]]);
    const reader = await open(bytes);
    expect((await reader.find(keyOf('m', 'f')))?.blocks.map(({ first, last }) => [first, last])).toEqual(
      [0, 1, 2, 3, 4].map((i) => [BigInt(i) * 10_000n, BigInt(i) * 10_000n + 9_990n]),
    );
    // The fourth block is damaged, and not read.
    const { offset = 0 } = (await reader.find(keyOf('m', 'f')))?.blocks[3] ?? {};
    bytes[offset + 10] = (bytes[offset + 10] as number) ^ 1;
    expect(await readAll(reader, keyOf('m', 'f'), { from: 9_990n, to: 10_005n })).toEqual([
      [9_990n, 999n],
      [10_000n, 1_000n],
    ]);
    expect(await readAll(reader, keyOf('m', 'f'), { from: 40_001n })).toHaveLength(999);
    await expect(readAll(reader, keyOf('m', 'f'))).rejects.toThrow(
      'a.tsm, key "m#!~#f", block 4 of 5, times 30000 to 39990: The checksum of a block is wrong.',
    );
  });
});

describe('a writer of TSM files', () => {
  const write = async (...fields: TestField[]) => {
    const writer = new TsmWriter(new MemorySink());
    for (const [series, field, column] of fields) await writer.write(keyOf(series, field), column);
    return writer.finish();
  };
  const refused = expect.objectContaining({ code: 'INVALID_POINTS' });

  it('takes the points of a key in several calls', async () => {
    const sink = new MemorySink();
    const writer = new TsmWriter(sink);
    await writer.write(keyOf('m', 'f'), columnOf('boolean', [[1n, true]]));
    await writer.write(keyOf('m', 'f'), columnOf('boolean', [[2n, false]]));
    expect(await writer.finish()).toBe(sink.bytes.length);
    expect(await readAll(await open(sink.bytes), keyOf('m', 'f'))).toEqual([
      [1n, true],
      [2n, false],
    ]);
  });

  it('refuses what would make a file that InfluxDB reads wrongly or not at all', async () => {
    await expect(write()).rejects.toThrow(refused);
    await expect(write(['b', 'f', ramp(1)], ['a', 'f', ramp(1)])).rejects.toThrow(
      /keys in order, got "a#!~#f" after "b#!~#f"/,
    );
    await expect(write(['a', 'f', ramp(1)], ['a', 'f', ramp(2)])).rejects.toThrow(/ascend/);
    await expect(
      write([
        'a',
        'f',
        columnOf('float', [
          [2n, 1],
          [1n, 1],
        ]),
      ]),
    ).rejects.toThrow(/ascend/);
    await expect(
      write([
        'a',
        'f',
        columnOf('float', [
          [1n, 1],
          [1n, 1],
        ]),
      ]),
    ).rejects.toThrow(/ascend/);
    await expect(write(['a', 'f', columnOf('float', [[1n, NaN]])])).rejects.toThrow(refused);
    await expect(write(['a', 'f', ramp(1)], ['a', 'f', columnOf('float', [[99n, 1]])])).rejects.toThrow(/type integer/);
    await expect(new TsmWriter(new MemorySink()).write(Buffer.from('a'), ramp(1))).rejects.toThrow(
      /a key as `joinKey` makes it/,
    );
    await expect(write(['a'.repeat(65_536), 'f', ramp(1)])).rejects.toThrow(/at most 65535 bytes/);
    const writer = new TsmWriter(new MemorySink());
    await writer.write(keyOf('a', 'f'), ramp(1, 'float'));
    await expect(writer.write(keyOf('b', 'f'), columnOf('float', [[1n, NaN]]))).rejects.toThrow(refused);
    await expect(writer.finish()).rejects.toThrow(/A write failed/);
  });

  it('stops when its file is full, and never inside a block', async () => {
    const sink = new MemorySink();
    const writer = new TsmWriter(sink, { fileBytesMax: 2_000, blockPointsMax: 100 });
    const column = ramp(10_000, 'float');
    const written = await writer.write(keyOf('m', 'f'), column);
    expect(written % 100).toBe(0);
    expect(written).toBeLessThan(2_000);
    expect(writer.isFull).toBe(true);
    await writer.finish();
    expect(await readAll(await open(sink.bytes), keyOf('m', 'f'))).toEqual(pointsOf(column).slice(0, written));
  });

  it('refuses impossible options', () => {
    expect(() => new TsmWriter(new MemorySink(), { blockPointsMax: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
    expect(() => new TsmWriter(new MemorySink(), { blockPoints: 1 } as object)).toThrow(/blockPointsMax/);
  });
});
