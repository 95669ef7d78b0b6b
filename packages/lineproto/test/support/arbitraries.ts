import fc from 'fast-check';
import type { Point } from '../../src/index';

/** A character that means something in line protocol, another one, or half of one. */
const piece = fc.constantFrom(
  ',',
  '=',
  ' ',
  '"',
  '\\',
  '#',
  'a',
  'b',
  'time',
  'é',
  '☃',
  '𝄞',
  '\ud800',
  '\t',
  '\r',
  '\0',
  "'",
);
export const name = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.string({ minLength: 1 }),
);
const text = fc.oneof(
  fc.array(fc.oneof(piece, fc.constant('\n'))).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary' }),
);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), int64, fc.boolean(), text);

/** Any point, whether line protocol can carry its names or not. */
export const anyPoint: fc.Arbitrary<Point> = fc.record({
  measurement: name,
  tags: fc.dictionary(name, name, { maxKeys: 4 }),
  fields: fc.dictionary(name, value, { minKeys: 1, maxKeys: 5 }),
  timestamp: fc.bigInt({ min: -(2n ** 63n) + 2n, max: 2n ** 63n - 2n }),
});

/** Bytes that look like lines, more or less. */
export const anyBytes = fc
  .array(fc.oneof(piece, fc.constantFrom('\n', ' v=1', ',', '=1i', '="', '" ', ' 1\n', 'm,t=a v="x" 1\n', '# c\n')), {
    maxLength: 40,
  })
  .map((pieces) => Buffer.from(pieces.join('')));

const key = fc.constantFrom('a', 'b', 'c', 'ab', 'long_key', 'long_kex', 'time', 'a\\ b', 'd\\=', '"', '');
const written = fc.constantFrom('1', '-2.5', '3i', 't', '"x y"', '"\\""', 'x\\ y', '1e', '"a', 'nan', '');

/** Records of the same keys, or nearly: often valid, and so similar that a scanner may take a shortcut for all but the first. */
export const similarRecords = fc
  .record({
    measurement: fc.constantFrom('m', 'measurement', 'm\\,n'),
    tagKeys: fc.uniqueArray(key, { maxLength: 3 }).map((keys) => keys.toSorted()),
    fieldKeys: fc.uniqueArray(key, { minLength: 1, maxLength: 4 }),
    records: fc.array(
      fc.record({
        values: fc.array(fc.oneof({ weight: 20, arbitrary: fc.constantFrom('1', '22.5') }, written), {
          minLength: 8,
          maxLength: 8,
        }),
        changed: fc.integer({ min: 0, max: 12 }),
        other: key,
        end: fc.constantFrom(' 1\n', ' 1\n', ' 1', '\n', ' x\n', ',\n'),
      }),
      { minLength: 2, maxLength: 5 },
    ),
  })
  .map(({ measurement, tagKeys, fieldKeys, records }) => {
    const lines = records.map(({ values, changed, other, end }) => {
      const pair = (name: string, i: number) => `${i === changed ? other : name}=${values[i]}`;
      const tags = tagKeys.map((name, i) => `,${pair(name, i)}`);
      return `${measurement}${tags.join('')} ${fieldKeys.map((name, i) => pair(name, i + 3)).join(',')}${end}`;
    });
    return Buffer.from(lines.join(''));
  });

/** The sizes of the chunks into which a stream is cut. */
export const chunkSizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });

/** Returns the bytes in chunks of these sizes, by turns. */
export function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
