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
