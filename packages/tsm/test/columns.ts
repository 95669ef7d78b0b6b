import fc from 'fast-check';
import { type Column, ColumnBuffer, type ColumnValue, type FieldType, valueAt } from '../src/column';

/** A point as tests write it down. */
export type TestPoint = readonly [time: bigint, value: ColumnValue];

export function columnOf(type: FieldType, points: readonly TestPoint[]): ColumnBuffer {
  const column = new ColumnBuffer(type, points.length);
  for (const [time, value] of points) column.push(time, value);
  return column;
}

/** Returns the points of a column in a form that `toEqual` compares by every bit: it takes -0 and 0 for two values already. */
export function pointsOf(column: Column): [bigint, string | number | bigint | boolean][] {
  return Array.from({ length: column.length }, (_, i) => {
    const value = valueAt(column, i);
    return [column.times[i] as bigint, value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value];
  });
}

export const MIN_TIME: bigint = -(2n ** 63n) + 2n;
export const MAX_TIME: bigint = 2n ** 63n - 2n;

/** Times that make each encoding: runs, steps that are multiples of powers of ten, and gaps of any width. */
function times(): fc.Arbitrary<bigint[]> {
  const step = fc.oneof(
    fc.constantFrom(1n, 10n, 1_000n, 10_000_000_000n, 60_000_000_000n),
    fc.bigInt({ min: 1n, max: 1n << 20n }).map((n) => n * 1_000_000n),
    fc.bigInt({ min: 1n, max: 1n << 61n }),
  );
  const run = fc.tuple(step, fc.integer({ min: 1, max: 260 }));
  const start = fc.oneof(fc.constantFrom(MIN_TIME, MAX_TIME, 0n, -1n), fc.bigInt({ min: MIN_TIME, max: MAX_TIME }));
  return fc.tuple(start, fc.array(run, { maxLength: 5 }), fc.boolean()).map(([first, runs, atEnd]) => {
    const all = [first];
    for (const [by, count] of runs) {
      for (let i = 0; i < count; i += 1) {
        const next = (all.at(-1) as bigint) + by;
        if (next <= MAX_TIME) all.push(next);
      }
    }
    if (atEnd && all.at(-1) !== MAX_TIME) all.push(MAX_TIME);
    return all;
  });
}

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n, -1n),
);

const valuesByType: { readonly [T in FieldType]: fc.Arbitrary<ColumnValue> } = {
  float: fc.oneof(
    fc.double({ noNaN: true }),
    fc.constantFrom(0, -0, 5e-324, -5e-324, Number.MAX_VALUE, Infinity, -Infinity, 1, 1.5),
    fc.integer({ min: -1000, max: 1000 }).map((n) => n / 8),
  ),
  integer: int64,
  unsigned: int64.map((n) => BigInt.asUintN(64, n)),
  boolean: fc.boolean(),
  string: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => Buffer.from(text)),
    fc.constantFrom('', 'ok', 'a'.repeat(300)).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 20 }),
  ),
};

/** Columns of every type, in which values repeat as they do in telemetry. */
export function columns(): fc.Arbitrary<{ readonly type: FieldType; readonly points: readonly TestPoint[] }> {
  return fc.constantFrom<FieldType[]>('float', 'integer', 'unsigned', 'boolean', 'string').chain((type) =>
    fc
      .tuple(times(), fc.array(valuesByType[type], { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 300 }))
      .map(([all, values, repeat]) => ({
        type,
        points: all.map((time, i) => [time, values[Math.floor(i / repeat) % values.length] as ColumnValue] as const),
      })),
  );
}
