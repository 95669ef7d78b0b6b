import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodePoint,
  LineEncoder,
  LineProtocolError,
  LineSplitter,
  type ParsedPoint,
  type Point,
  parseLine,
  parseLines,
  rescale,
  scanLines,
  validateLines,
} from '../src/index';
import { RecordLayout } from '../src/record/record-layout';
import { examine, RecordCursor, recordBounds } from '../src/scan/scan-lines';
import { anyBytes, anyPoint, chunkSizes, cut, similarRecords } from './support/arbitraries';

/** A failing run prints its seed and path: `fc.assert(property, { seed, path })` repeats it. */
const runs = { numRuns: 2_000 };
const ns = { precision: 'ns' } as const;

/** Returns what InfluxDB keeps of a point. */
function canonical({ measurement, tags = {}, fields, timestamp }: Point): ParsedPoint {
  const utf8 = (text: string) => Buffer.from(text).toString();
  const entries = Object.entries(fields).map(([key, value]) => [
    utf8(key),
    typeof value === 'string' ? utf8(value) : value,
  ]);
  const tagEntries = Object.entries(tags).map(([key, value]) => [utf8(key), utf8(value ?? '')]);
  return {
    measurement: utf8(measurement),
    tags: Object.fromEntries(tagEntries) as Record<string, string>,
    fields: Object.fromEntries(entries) as ParsedPoint['fields'],
    timestamp: timestamp as bigint,
  };
}

/** Returns the line of a point, or `undefined` if line protocol cannot carry its names. */
function lineOf(point: Point): string | undefined {
  try {
    return encodePoint(point, ns);
  } catch (error) {
    if (error instanceof LineProtocolError && error.code === 'INVALID_NAME') return undefined;
    throw error;
  }
}

describe('any point', () => {
  it('is read back in its canonical form, or refused for its names', () => {
    const property = fc.property(anyPoint, (point) => {
      const line = lineOf(point);
      // Lone surrogates all become U+FFFD: keys that differ only in them become one.
      fc.pre(line !== undefined && Object.keys(canonical(point).tags).length === Object.keys(point.tags ?? {}).length);
      fc.pre(Object.keys(canonical(point).fields).length === Object.keys(point.fields).length);
      expect(parseLine(line, ns)).toEqual(canonical(point));
    });
    fc.assert(property, runs);
  });

  it('is encoded as the same line, whatever the encoder has encoded before', () => {
    const [names, values] = [fc.constantFrom('a', 'b c', 'd', 'é', 'f='), fc.constantFrom('x', undefined, 'y z')];
    const similar = fc.record({
      measurement: names,
      tags: fc.dictionary(names, values),
      fields: fc.dictionary(names, fc.constantFrom(1, 'x', null, 2.5, true), { minKeys: 1 }),
    });
    const property = fc.property(fc.array(similar), (points) => {
      const good = points.filter(({ fields }) => Object.values(fields).some((value) => value !== null));
      const lines = good.map((point) => `${encodePoint(point, ns)}\n`).join('');
      expect(Buffer.from(new LineEncoder(ns).encode(good)).toString()).toBe(lines);
    });
    fc.assert(property, runs);
  });

  it('is one record, wherever it stands', () => {
    const property = fc.property(fc.array(anyPoint, { maxLength: 5 }), (points) => {
      const good = points.filter((point) => lineOf(point) !== undefined);
      const bytes = Buffer.from(new LineEncoder(ns).encode(good));
      expect([...validateLines(bytes)]).toEqual([]);
      expect([...scanLines(bytes)]).toHaveLength(good.length);
      expect(Array.from(parseLines(bytes.toString(), ns), ({ timestamp }) => timestamp)).toEqual(
        good.map(({ timestamp }) => timestamp),
      );
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('any bytes', () => {
  it('give the same records split as unsplit', () => {
    const limits = fc.record({ bytesMax: fc.integer({ min: 1, max: 100 }), linesMax: fc.integer({ min: 1, max: 5 }) });
    const chunks = fc.tuple(chunkSizes, fc.array(fc.boolean(), { minLength: 1 }), fc.boolean());
    const property = fc.property(anyBytes, chunks, limits, (bytes, [sizes, isMoved, takesChunks], given) => {
      const { bytesMax, linesMax } = given;
      const splitter = new LineSplitter({ bytesMax, linesMax }, { takesChunks });
      // The chunks lie in one memory, or in several.
      const pieces = cut(Buffer.from(bytes), sizes).map((chunk, i) =>
        isMoved[i % isMoved.length] ? Buffer.from(chunk) : chunk,
      );
      const batches = [...pieces.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
      const records = (input: Uint8Array) =>
        Array.from(scanLines(input), ({ start, end }) => Buffer.from(input.subarray(start, end)).toString());
      expect(batches.flatMap(({ bytes: batch }) => records(batch))).toEqual(records(bytes));
      for (const { bytes: batch, lines } of batches) {
        expect(lines).toBeLessThanOrEqual(linesMax);
        expect(lines === 1 || batch.length <= bytesMax).toBe(true);
        expect(records(batch)).toHaveLength(lines);
      }
    });
    fc.assert(property, runs);
  });

  it('are read alike by scanner, validator and parser', () => {
    const property = fc.property(anyBytes, (bytes) => {
      const bad = new Set(Array.from(validateLines(bytes), ({ start }) => start));
      let from = 0;
      for (const { start, end, timestamp } of scanLines(bytes)) {
        // Blanks count: behind one, a quote may open a string, in which a LF ends nothing.
        const record = bytes.toString('utf8', from, end);
        if (!bad.has(start)) expect(parseLine(record, ns).timestamp).toBe(timestamp);
        from = end + 1;
      }
    });
    const afterBlank = Buffer.from(' ="\n="m,t=a v="x" 1\n');
    fc.assert(property, { ...runs, examples: [[afterBlank]] });
  });

  it('are cut and validated in one pass exactly as by the exact rules', () => {
    const lines = fc
      .array(anyPoint, { maxLength: 3 })
      .map((points) => Buffer.from(points.map((point) => lineOf(point) ?? 'm v=1').join('\n')));
    const property = fc.property(fc.array(fc.oneof(anyBytes, lines, similarRecords), { maxLength: 4 }), (pieces) => {
      const bytes = Buffer.concat(pieces);
      const [cursor, exact] = [new RecordCursor(bytes), new RecordLayout()];
      for (const bounds of recordBounds(bytes)) {
        expect(cursor.next()).toBe(true);
        const fault = examine(bytes, bounds, exact);
        expect([cursor.start, cursor.end, cursor.fault]).toEqual([bounds.start, bounds.end, fault]);
        if (fault !== undefined) continue;
        const { seriesEnd, fieldsStart, fieldsEnd, timestampStart, timestampEnd } = exact;
        expect(cursor.layout).toMatchObject({ seriesEnd, fieldsStart, fieldsEnd, timestampStart, timestampEnd });
      }
      expect(cursor.next()).toBe(false);
    });
    fc.assert(property, runs);
  });

  it('are unchanged after rescaling to another precision and back', () => {
    const property = fc.property(fc.array(anyPoint, { maxLength: 5 }), (points) => {
      const inSeconds = points.map((point) => ({ ...point, timestamp: (point.timestamp as bigint) / 1_000_000_001n }));
      const bytes = Buffer.from(new LineEncoder(ns).encode(inSeconds.filter((point) => lineOf(point) !== undefined)));
      expect(Buffer.from(rescale(rescale(bytes, 's', 'ns', 'refuse'), 'ns', 's', 'refuse'))).toEqual(bytes);
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('any number', () => {
  it('is written as the shortest text that reads back to it', () => {
    const decimals = fc
      .tuple(fc.integer(), fc.integer({ min: 0, max: 9 }))
      .map(([digits, places]) => digits / 10 ** places);
    const doubles = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: 1e-6, max: 1e16, noNaN: true }),
    );
    const encoder = new LineEncoder(ns);
    const property = fc.property(fc.oneof(doubles, decimals), (number) => {
      const written = Object.is(number, -0) ? '-0' : String(number);
      const line = Buffer.from(encoder.encode([{ measurement: 'm', fields: { v: number } }])).toString();
      expect(line).toBe(`m v=${written}\n`);
    });
    fc.assert(property, { numRuns: 50_000 });
  });

  it('is written as the same timestamp by the fast path and by the exact one', () => {
    const precisions = fc.constantFrom('ns', 'us', 'ms', 's', 'm', 'h') as fc.Arbitrary<
      'ns' | 'us' | 'ms' | 's' | 'm' | 'h'
    >;
    const property = fc.property(
      fc.maxSafeInteger(),
      precisions,
      precisions,
      (timestamp, timestampPrecision, precision) => {
        const written = (given: number | bigint) => {
          try {
            return encodePoint(
              { measurement: 'm', fields: { v: 1 }, timestamp: given },
              { precision, timestampPrecision },
            );
          } catch (error) {
            return (error as LineProtocolError).code;
          }
        };
        expect(written(timestamp)).toBe(written(BigInt(timestamp)));
      },
    );
    fc.assert(property, { numRuns: 5_000 });
  });
});
