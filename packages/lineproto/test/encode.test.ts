import { describe, expect, it } from 'vitest';
import { NameCache } from '../src/encode/names/name-cache';
import { encodePoint, float, integer, LineEncoder, type Point } from '../src/index';
import { errorOf } from './support/errors';

const seconds = { precision: 's' } as const;
const line = (point: Partial<Point>) => encodePoint({ measurement: 'm', fields: { v: 1 }, ...point }, seconds);

describe('field values', () => {
  it('writes a number as a float, whatever its size', () => {
    expect(line({ fields: { v: 5 } })).toBe('m v=5');
    expect(line({ fields: { v: -0 } })).toBe('m v=-0');
    expect(line({ fields: { v: 1e21 } })).toBe('m v=1e+21');
    expect(line({ fields: { v: 5e-324 } })).toBe('m v=5e-324');
    expect(line({ fields: { v: Number.MAX_VALUE } })).toBe('m v=1.7976931348623157e+308');
    expect(line({ fields: { v: float(5) } })).toBe('m v=5');
  });

  it.each([
    0.1 + 0.2,
    1e-5,
    1.234_567_890_123_456_8e-5,
    0.999_999_999_999_999_9,
    4.35,
    2_251_799_813_685_249.5,
    123_456_789_012_345.67,
    999_999_999_999_999.9,
    1e15,
    9_007_199_254_740_991,
    2 ** 40 + 2 ** -12,
  ])('writes %d as JavaScript does', (value) => {
    for (const v of [value, -value]) expect(line({ fields: { v } })).toBe(`m v=${v}`);
  });

  it('writes integers to the last digit, up to the bounds of int64', () => {
    expect(line({ fields: { v: 9_007_199_254_740_993n } })).toBe('m v=9007199254740993i');
    expect(line({ fields: { v: integer('9223372036854775807') } })).toBe('m v=9223372036854775807i');
    expect(line({ fields: { v: integer(-(2n ** 63n)) } })).toBe('m v=-9223372036854775808i');
    expect(line({ fields: { v: integer(5) } })).toBe('m v=5i');
  });

  it('writes the fields that a schema calls integers as integers', () => {
    const options = { ...seconds, integerFields: { m: ['n'] } };
    expect(encodePoint({ measurement: 'm', fields: { n: 5, f: 5 } }, options)).toBe('m n=5i,f=5');
    expect(encodePoint({ measurement: 'other', fields: { n: 5 } }, options)).toBe('other n=5');
    expect(errorOf(() => encodePoint({ measurement: 'm', fields: { n: 5.5 } }, options)).code).toBe('INVALID_VALUE');
  });

  it('refuses missing options and options that are not an object, and checks integerFields', () => {
    for (const options of [undefined, null, 's', { precision: 's', integerFields: { m: 5 } }]) {
      expect(errorOf(() => new LineEncoder(options as never)).code, String(options)).toBe('INVALID_OPTIONS');
    }
  });

  it('refuses what is not a point, and strings given as its tags or fields', () => {
    const encoder = new LineEncoder({ precision: 's' });
    const good = { measurement: 'm', fields: { v: 1 } };
    for (const bad of [null, undefined, 5, 'm v=1', { ...good, tags: 'ab' }, { ...good, fields: 'ab' }]) {
      const error = errorOf(() => encoder.encode([good, bad as unknown as Point]));
      expect([error.code, error.index], String(bad)).toEqual(['INVALID_VALUE', 1]);
    }
  });

  it('leaves out null and undefined, and refuses a point that has no other field', () => {
    expect(line({ fields: { a: null, b: 1, c: undefined } })).toBe('m b=1');
    expect(errorOf(() => line({ fields: { a: null } })).code).toBe('NO_FIELDS');
    expect(errorOf(() => line({ fields: {} })).code).toBe('NO_FIELDS');
  });

  it.each([NaN, Infinity, -Infinity, 2n ** 63n, -(2n ** 63n) - 1n])('refuses %s and names the field', (value) => {
    const error = errorOf(() => line({ fields: { ok: 1, speed: value } }));
    expect(error.code).toBe('INVALID_VALUE');
    expect(error.message).toContain('speed');
  });

  it.each([1.5, NaN, 2 ** 53, '1.5', '', 'x', 2n ** 63n])('refuses integer(%s) at once', (value) => {
    expect(errorOf(() => integer(value)).code).toBe('INVALID_VALUE');
  });
});

describe('timestamps', () => {
  const at = (timestamp: Point['timestamp'], options = {}) =>
    encodePoint(
      { measurement: 'm', fields: { v: 1 }, ...(timestamp === undefined ? {} : { timestamp }) },
      { ...seconds, ...options },
    );

  it('takes a Date, a bigint, a number and digits', () => {
    expect(at(new Date(5000))).toBe('m v=1 5');
    expect(at(5n)).toBe('m v=1 5');
    expect(at(5)).toBe('m v=1 5');
    expect(at('-5')).toBe('m v=1 -5');
    expect(at(undefined)).toBe('m v=1');
  });

  it('converts between precisions exactly', () => {
    expect(at('1700000000123456789', { precision: 'ns', timestampPrecision: 'ns' })).toBe('m v=1 1700000000123456789');
    expect(at(1_700_000_000_000, { timestampPrecision: 'ms' })).toBe('m v=1 1700000000');
    expect(at(2, { precision: 'ns', timestampPrecision: 'h' })).toBe('m v=1 7200000000000');
  });

  it('refuses a timestamp finer than the precision and names the one that would hold it', () => {
    const error = errorOf(() => at(new Date(1500)));
    expect(error.code).toBe('PRECISION_LOSS');
    expect(error.message).toContain("'ms'");
    expect(errorOf(() => at(1.5)).code).toBe('PRECISION_LOSS');
  });

  it('truncates to the earlier moment on request', () => {
    expect(at(new Date(1500), { onPrecisionLoss: 'truncate' })).toBe('m v=1 1');
    expect(at(new Date(-1500), { onPrecisionLoss: 'truncate' })).toBe('m v=1 -2');
    expect(at(1.5, { onPrecisionLoss: 'truncate' })).toBe('m v=1 1');
    const fine = { precision: 'ms', timestampPrecision: 's', onPrecisionLoss: 'truncate' } as const;
    expect([at(1.5, fine), at(-1.5, fine)]).toEqual(['m v=1 1500', 'm v=1 -1500']); // no more is cut than the precision needs
  });

  it("refuses what is not a time, or outside InfluxDB's range", () => {
    for (const bad of [new Date(NaN), NaN, Infinity, 2 ** 60, '1.5', 'now', '']) {
      expect(errorOf(() => at(bad)).code, String(bad)).toBe('INVALID_TIMESTAMP');
    }
    expect(at(2n ** 63n - 2n, { precision: 'ns' })).toBe('m v=1 9223372036854775806');
    expect(errorOf(() => at(2n ** 63n - 1n, { precision: 'ns' })).code).toBe('INVALID_TIMESTAMP');
    expect(errorOf(() => at(-(2n ** 63n) + 1n, { precision: 'ns' })).code).toBe('INVALID_TIMESTAMP');
    expect(errorOf(() => at(9_223_372_037n)).code).toBe('INVALID_TIMESTAMP');
  });
});

describe('names', () => {
  it('writes tags in the order of their keys', () => {
    expect(line({ tags: { b: '2', a: '1', c: undefined } })).toBe('m,a=1,b=2 v=1');
    expect(line({ tags: { 'a-': '2', a: '1' } })).toBe('m,a=1,a-=2 v=1');
    expect(line({ tags: { '\u{1F600}': '2', '\uFF5E': '1' } })).toBe('m,\uFF5E=1,\u{1F600}=2 v=1');
  });

  it.each<[string, Partial<Point>]>([
    ['an empty measurement', { measurement: '' }],
    ['a measurement that would be a comment', { measurement: '#m' }],
    ['a newline in a measurement', { measurement: 'a\nb' }],
    ['a newline in a tag', { tags: { t: 'x v=1\nforged v=2' } }],
    ['a newline in a tag key', { tags: { 'a\nb': 'x' } }],
    ['a newline in a field key', { fields: { 'a\nb': 1 } }],
    ['an empty tag key', { tags: { '': 'x' } }],
    ['an empty tag value', { tags: { t: '' } }],
    ['an empty field key', { fields: { '': 1 } }],
    ['a tag named time', { tags: { time: 'x' } }],
    ['a field named time', { fields: { time: 1, v: 1 } }],
    ['a backslash at the end of a measurement', { measurement: 'a\\' }],
    ['a backslash at the end of a tag value', { tags: { t: 'a\\' } }],
    ['a backslash at the end of a field key', { fields: { 'a\\': 1 } }],
  ])('refuses %s: no escaping can carry it', (_, point) => {
    expect(errorOf(() => line(point)).code).toBe('INVALID_NAME');
  });

  it('refuses keys that are longer than InfluxDB can store, to the byte', () => {
    const room = 65_535 - 'm,t='.length - 4 - 'v'.length;
    expect(line({ tags: { t: 'x'.repeat(room) } })).toHaveLength(65_535 - 4 - 1 + ' v=1'.length);
    expect(errorOf(() => line({ tags: { t: 'x'.repeat(room + 1) } })).code).toBe('KEY_TOO_LONG');
  });

  it('refuses keys that differ only in lone surrogates, since they would be written as one', () => {
    expect(line({ tags: { 'a\ud800': 'x' } })).toBe('m,a\ufffd=x v=1');
    for (const keys of [
      { '\ud800': 'x', '\ud801': 'y' },
      { '\ud800': 'x', '\ufffd': 'y' },
    ]) {
      expect(errorOf(() => line({ tags: keys })).code).toBe('INVALID_NAME');
      expect(errorOf(() => line({ fields: keys })).code).toBe('INVALID_NAME');
    }
  });

  it('writes a lone surrogate, which has no UTF-8, as U+FFFD', () => {
    expect(line({ tags: { t: 'a\ud800b' } })).toBe('m,t=a\ufffdb v=1');
    expect(line({ fields: { s: '\udc00' } })).toBe('m s="\ufffd"');
  });
});

describe('LineEncoder', () => {
  it('ends every line in LF', () => {
    const encoder = new LineEncoder(seconds);
    const bytes = encoder.encode([
      { measurement: 'a', fields: { v: 1 } },
      { measurement: 'b', fields: { v: 2 } },
    ]);
    expect(Buffer.from(bytes).toString()).toBe('a v=1\nb v=2\n');
    expect(encoder.encode([])).toHaveLength(0);
  });

  it('gives the stamp to points without a timestamp, if it fits the precision', () => {
    const encoder = new LineEncoder({ precision: 'ms' });
    const points = [
      { measurement: 'a', fields: { v: 1 } },
      { measurement: 'b', fields: { v: 1 }, timestamp: 7 },
    ];
    expect(Buffer.from(encoder.encode(points, 5_000_000n)).toString()).toBe('a v=1 5\nb v=1 7\n');
    expect(errorOf(() => encoder.encode(points, 5_000_001n)).code).toBe('PRECISION_LOSS');
  });

  it('names the bad point by its index, and can be used again', () => {
    const encoder = new LineEncoder(seconds);
    const good = { measurement: 'm', fields: { v: 1 } };
    const error = errorOf(() => encoder.encode([good, good, { measurement: 'm', fields: { v: NaN } }]));
    expect([error.code, error.index]).toEqual(['INVALID_VALUE', 2]);
    expect(Buffer.from(encoder.encode([good])).toString()).toBe('m v=1\n');
  });

  it('forgets the names it keeps when they take too much memory, also those of one measurement', () => {
    const cache = new NameCache(new Map());
    const first = cache.of('m');
    for (let i = 0; i < 30_000; i += 1) cache.of('m').fieldKey(`field ${i}`, cache.of('m').firstField);
    expect(cache.of('m')).not.toBe(first);
    const second = cache.of('m');
    for (let i = 0; i < 30_000; i += 1) cache.of(`m${i}`);
    expect(cache.of('m')).not.toBe(second);
  });

  it('grows its buffer as it must', () => {
    const points = Array.from({ length: 5_000 }, (_, i) => ({ measurement: 'm', fields: { s: 'ü'.repeat(i % 97) } }));
    const expected = points.map((point) => `${encodePoint(point, seconds)}\n`).join('');
    expect(Buffer.from(new LineEncoder(seconds).encode(points)).toString()).toBe(expected);
  });

  it('refuses an unknown option and suggests the right one', () => {
    const misspelt = { precision: 's', onPrecisionloss: 'truncate' } as const;
    expect(errorOf(() => new LineEncoder(misspelt)).message).toContain('onPrecisionLoss');
    // @ts-expect-error the HTTP API's names are not ours
    expect(errorOf(() => new LineEncoder({ precision: 'n' }))).toMatchObject({
      code: 'INVALID_OPTIONS',
      message: "Expected `precision` to be one of 'ns', 'us', 'ms', 's', 'm', 'h', got 'n'.",
    });
  });
});
