import { expect, it } from 'vitest';
import { decodeBlockAt, encodeBlock } from '../../src/blocks/block';
import { LastTimes } from '../../src/blocks/codecs/last-times';
import { ByteWriter } from '../../src/bytes';
import { ColumnBuffer } from '../../src/column';

function blockOf(timesNs: readonly bigint[], value: number): Uint8Array {
  const column = new ColumnBuffer('float');
  for (const timeNs of timesNs) column.push(timeNs, value);
  const out = new ByteWriter();
  encodeBlock(column, 0, column.length, out);
  return out.bytes.slice(0, out.length);
}

it('blocks that have the times of the one before them, or others of the same length, are decoded right', () => {
  const steady = Array.from({ length: 300 }, (_, i) => 1_000n + 10n * BigInt(i));
  const later = steady.map((timeNs) => timeNs + 1n);
  const uneven = [1n, 2n, 5n, 1_000_000n, 2n ** 61n];
  const few = [7n];
  const last = new LastTimes();
  const into = new ColumnBuffer();
  for (const [n, times] of [steady, steady, later, later, uneven, uneven, few, few, steady].entries()) {
    const block = blockOf(times, n);
    decodeBlockAt(block, 0, block.length, into, last);
    expect([...into.times.subarray(0, into.length)]).toEqual(times);
    expect([...into.floats.subarray(0, into.length)]).toEqual(times.map(() => n));
    // What is done to a column that was filled does not change what is kept.
    into.remove(0, 1);
    into.timeWords.fill(9);
  }
});

it('a block in the middle of other bytes is decoded as one alone, and one that was cut is not', () => {
  const times = Array.from({ length: 40 }, (_, i) => BigInt(i));
  for (const value of [0, 1.5, -1e300]) {
    const block = blockOf(times, value);
    const around = Buffer.concat([Buffer.alloc(3, 0xff), block, Buffer.alloc(40, 0xff)]);
    const into = new ColumnBuffer();
    decodeBlockAt(around, 3, 3 + block.length, into);
    expect([...into.floats.subarray(0, into.length)]).toEqual(times.map(() => value));
    expect(() => decodeBlockAt(around, 3, 2 + block.length, into)).toThrow('checksum');
  }
});
