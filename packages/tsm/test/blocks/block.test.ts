import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock, encodeBlock } from '../../src/blocks/block';
import { ByteWriter } from '../../src/bytes';
import { type Column, ColumnBuffer } from '../../src/column';
import { columnOf, columns, MAX_TIME, MIN_TIME, pointsOf, type TestPoint } from '../columns';

function encode(column: Column): Uint8Array {
  const out = new ByteWriter(1);
  encodeBlock(column, 0, column.length, out);
  return out.written.slice();
}

function decode(block: Uint8Array): ColumnBuffer {
  const column = new ColumnBuffer();
  decodeBlock(block, column);
  return column;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const at = (...values: TestPoint[1][]): TestPoint[] => values.map((value, i) => [BigInt(i), value]);

describe('a block', () => {
  it('gives back every bit of the columns that it was made of', () => {
    const reused = new ColumnBuffer();
    fc.assert(
      fc.property(columns(), ({ type, points }) => {
        const column = columnOf(type, points);
        decodeBlock(encode(column), reused);
        expect(reused.type).toBe(type);
        expect(pointsOf(reused)).toEqual(pointsOf(column));
      }),
      { numRuns: 120 },
    );
  });

  it('holds any part of a column', () => {
    const column = columnOf('string', at(...['zero', 'one', 'two', 'three'].map((text) => Buffer.from(text))));
    const out = new ByteWriter(1);
    encodeBlock(column, 1, 3, out);
    expect(pointsOf(decode(out.written))).toEqual(pointsOf(column).slice(1, 3));
  });

  it('stores times that are equally far apart in a few bytes, whatever their number', () => {
    const first = 1_767_225_600_000_000_000n;
    const points: TestPoint[] = Array.from({ length: 1000 }, (_, i) => [first + BigInt(i) * 10_000_000_000n, true]);
    // The type, the length of the times, a run of steps of 10^10, the first, one step, 1,000 of them; then the values.
    const expected = ['02', '0c', '2a', first.toString(16), '01', 'e807', '10', 'e807', 'ff'.repeat(125)].join('');
    expect(hex(encode(columnOf('boolean', points)).subarray(4))).toBe(expected);
  });
});

describe('a block that is not what was written', () => {
  it('is refused wherever a bit is flipped or bytes are cut', () => {
    const block = encode(columnOf('float', at(1, 2.5, -0, 1e300)));
    for (let i = 0; i < block.length; i += 1) {
      const flipped = block.slice();
      flipped[i] = (flipped[i] as number) ^ (1 << (i % 8));
      expect(() => decode(flipped)).toThrow(expect.objectContaining({ code: 'DAMAGED' }));
      expect(() => decode(block.subarray(0, i))).toThrow(expect.objectContaining({ code: 'DAMAGED' }));
    }
  });
});

describe('both ends of time and of integers', () => {
  it('are stored exactly', () => {
    const points: TestPoint[] = [
      [MIN_TIME, -(2n ** 63n)],
      [0n, 2n ** 63n - 1n],
      [MAX_TIME, 0n],
    ];
    expect(pointsOf(decode(encode(columnOf('integer', points))))).toEqual(points);
  });
});
