import { beforeAll, describe, expect, it } from 'vitest';
import type { FieldType } from '../../src/column';
import { bytesSource } from '../../src/files/byte-source';
import { splitKey } from '../../src/files/key';
import { TsmReader } from '../../src/files/tsm-reader';
import { openShard } from '../../src/shards/open-shard';
import { columnOf, pointsOf, type TestPoint } from '../columns';
import { type TestField, tsmBytes } from './memory-file';

/** Fields of every type, with values that do not compress to a few bytes. */
function fields(): TestField[] {
  const noise = (i: number) => Math.imul(i + 1, 0x9e3779b1) >>> 4;
  const makers: readonly [FieldType, (i: number) => TestPoint[1]][] = [
    ['float', (i) => noise(i) / 7],
    ['integer', (i) => BigInt(noise(i)) - 1_000n],
    ['unsigned', (i) => BigInt(noise(i)) << 30n],
    ['boolean', (i) => noise(i) % 2 === 0],
    ['string', (i) => Buffer.from(`text ${noise(i)}`)],
  ];
  return ['cpu,host=a', 'cpu,host=b', 'mem'].flatMap((series) =>
    makers.map(([type, make]): TestField => {
      const points = Array.from(
        { length: 60 },
        (_, i): TestPoint => [BigInt(i) * 1_000n + BigInt(noise(i) % 900), make(i)],
      );
      return [series, type, columnOf(type, points)];
    }),
  );
}

/** Reads a file: a text for each key. */
async function read(bytes: Uint8Array): Promise<Map<string, string>> {
  const name = '000000001-000000001.tsm';
  const content = new Map<string, string>();
  const shard = await openShard({ files: [{ name, source: bytesSource(name, bytes) }] });
  for await (const { seriesKey, field, column } of shard.columns()) {
    const key = `${Buffer.from(seriesKey).toString('latin1')} ${Buffer.from(field).toString('latin1')}`;
    content.set(key, (content.get(key) ?? '') + pointsOf(column).join(';'));
  }
  return content;
}

const coded = expect.objectContaining({ code: expect.stringMatching(/^(?:DAMAGED|INCOMPLETE|NOT_TSM)$/) });
let whole: Buffer;
let content: Map<string, string>;
let indexStart: number;

beforeAll(async () => {
  whole = await tsmBytes(fields());
  content = await read(whole);
  indexStart = Number(whole.readBigUInt64BE(whole.length - 8));
});

describe('a TSM file that was cut', () => {
  it('is refused, wherever that was', async () => {
    for (let length = 0; length < whole.length; length += 97) {
      await expect(read(whole.subarray(0, length)), String(length)).rejects.toThrow(coded);
    }
    for (let length = whole.length - 60; length < whole.length; length += 1) {
      await expect(read(whole.subarray(0, length)), String(length)).rejects.toThrow(coded);
    }
  });
});

describe('a TSM file with a flipped bit', () => {
  const flip = (at: number, bit: number) => {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] as number) ^ (1 << bit);
    return flipped;
  };

  it('is refused if it is in the head, a block or the footer', async () => {
    const places = [0, 1, 2, 3, 4, ...Array.from({ length: Math.floor(indexStart / 97) }, (_, i) => 5 + i * 97)];
    for (let at = whole.length - 8; at < whole.length; at += 1) places.push(at);
    for (const at of places) await expect(read(flip(at, at % 8)), String(at)).rejects.toThrow(coded);
  });

  it('never gives a wrong value if it is in the index: it is refused, or one key has another name', async () => {
    let renames = 0;
    for (let at = indexStart; at < whole.length - 8; at += 2) {
      const found = await read(flip(at, at % 8)).catch((error: unknown) => error);
      if (!(found instanceof Map)) {
        expect(found).toEqual(coded);
        continue;
      }
      renames += 1;
      expect([...found.values()].sort()).toEqual([...content.values()].sort());
      expect([...found.keys()].filter((key) => !content.has(key))).toHaveLength(1);
    }
    expect(renames).toBeGreaterThan(0);
    expect(renames).toBeLessThan(0.02 * whole.length);
  });

  it('is found by every search for a key, because the index is read once as a whole', async () => {
    const reader = await TsmReader.open(bytesSource('a.tsm', flip(whole.length - 20, 0)));
    await expect(reader.find(Buffer.from('cpu,host=a#!~#float'))).rejects.toThrow(coded);
  });
});

describe('a key', () => {
  it('without a separator, or with an empty series, is refused', () => {
    for (const key of ['', 'cpu', '#!~#', '#!~#f', 'cpu#!#f']) expect(() => splitKey(Buffer.from(key))).toThrow(coded);
    expect(Buffer.from(splitKey(Buffer.from('a#!~#b#!~#c')).field).toString()).toBe('b#!~#c');
    // InfluxDB drops a NUL that is all of a name.
    expect(splitKey(Buffer.from('cpu#!~#')).field.length).toBe(0);
  });
});
