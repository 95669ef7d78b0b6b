import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePoint, parseLine, scanLines } from '../../src/index';
import {
  cutPlainFields,
  type FieldOffsets,
  fieldType,
  readPlainBoolean,
  readPlainFloat,
  readPlainInteger,
} from '../../src/internal';
import { RecordLayout } from '../../src/record/record-layout';
import { anyPoint } from '../support/arbitraries';

const ns = { precision: 'ns' } as const;

/** Cuts the fields of a line with one record. */
function cut(line: string) {
  const bytes = Buffer.from(line);
  const [record] = scanLines(bytes);
  if (record === undefined) throw new Error(`no record in ${line}`);
  const offsets: FieldOffsets = [];
  const fields = cutPlainFields(bytes, record, offsets);
  return { bytes, fields, offsets };
}

/** Reads a value in place, by its type. */
function readValue(bytes: Buffer, start: number, end: number) {
  const type = fieldType(bytes, start, end);
  if (type === 'string') return bytes.toString('utf8', start + 1, end - 1);
  if (type === 'boolean') return readPlainBoolean(bytes, start);
  return type === 'float' ? readPlainFloat(bytes, start, end) : BigInt(readPlainInteger(bytes, start, end));
}

describe('cutPlainFields', () => {
  it('cuts where the exact rules cut, or gives up, and its values read as the parser reads them', () => {
    let plain = 0;
    const plainPoint = fc.record({
      measurement: fc.constant('m'),
      fields: fc.dictionary(
        fc.constantFrom('a', 'b', 'é', 'load'),
        fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.integer().map((thousandths) => thousandths / 1_000),
          fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
          fc.maxSafeInteger().map(BigInt),
          fc.boolean(),
          fc.constantFrom('x', 'é, ='),
        ),
        { minKeys: 1 },
      ),
    });
    const property = fc.property(fc.oneof(anyPoint, plainPoint), (point) => {
      let line: string;
      try {
        line = encodePoint(point, ns);
      } catch {
        return; // its names cannot be carried
      }
      const { bytes, fields, offsets } = cut(line);
      if (fields === undefined) return;
      plain += 1;
      const exact = new RecordLayout();
      expect(exact.scan(bytes, 0, bytes.length)).toBeUndefined();
      expect(offsets).toEqual(exact.fields);
      const values = Array.from({ length: fields }, (_, i) =>
        readValue(bytes, offsets[3 * i + 1] ?? 0, offsets[3 * i + 2] ?? 0),
      );
      expect(values).toEqual(Object.values(parseLine(line, ns).fields));
    });
    fc.assert(property, { numRuns: 2_000 });
    expect(plain).toBeGreaterThan(500);
  });

  it.each([
    ['a field that may be `time`', 'm time=1,v=1 5'],
    ['a backslash in a key', 'm a\\ b=1 5'],
    ['a backslash in a string', 'm v="a\\"b" 5'],
    ['two spaces before the fields', 'm  v=1 5'],
  ])('leaves %s to the exact rules', (_, line) => {
    expect(cut(line).fields).toBeUndefined();
  });

  it.each(['1e3', '-0', '.5', '5.', '123456789012345.6', '0.1', '-1234567890.12345'])(
    'reads the float %s exactly',
    (text) => {
      expect(readPlainFloat(Buffer.from(text), 0, text.length)).toBe(Number(text));
    },
  );

  it('returns an integer of up to 15 digits as a number, and a longer one as a bigint', () => {
    const read = (text: string) => readPlainInteger(Buffer.from(text), 0, text.length);
    expect(read('-999999999999999i')).toBe(-999_999_999_999_999);
    expect(read('9223372036854775807i')).toBe(2n ** 63n - 1n);
  });
});
