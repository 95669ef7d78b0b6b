import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodePoint,
  LineEncoder,
  LineSummarizer,
  type Point,
  type Precision,
  scanLines,
  validateLines,
} from '../../src/index';
import {
  emptySummary,
  headerFieldsOf,
  joinSummaries,
  summarizeValidLines,
  validateAndSummarize,
} from '../../src/internal';
import { anyBytes, anyPoint } from '../support/arbitraries';

/** Returns what a header says of the lines, found by reading them. */
function read(bytes: Uint8Array) {
  const summarizer = new LineSummarizer();
  summarizer.add(bytes);
  return summarizer.finish();
}

function longestRecord(bytes: Uint8Array): number {
  return Math.max(0, ...Array.from(scanLines(bytes), ({ start, end }) => end + 1 - start));
}

/** Encodes those points that line protocol can carry, with timestamps from 1970 on. */
function linesOf(points: readonly Point[]): Buffer {
  const lines = points.map((point, i) => {
    try {
      return `${encodePoint({ ...point, timestamp: BigInt(i) * 1_000_000_007n }, { precision: 'ns' })}\n`;
    } catch {
      return 'm v=1 5\n';
    }
  });
  return Buffer.from(lines.join(''));
}

describe('a summary of lines', () => {
  it('says what reading the lines would, also when it is joined from several runs', () => {
    const runs = fc.array(fc.array(anyPoint, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(runs, (pointsOfRuns) => {
        const texts = pointsOfRuns.map(linesOf);
        const expected = read(Buffer.concat(texts));
        for (const summaryOf of [summarizeValidLines, validateAndSummarize]) {
          const summary = texts.map(summaryOf).reduce((a, b) => a && b && joinSummaries(a, b), emptySummary);
          expect(summary && headerFieldsOf(summary)).toEqual(expected);
        }
      }),
    );
  });

  it('is the same from the encoder, whatever timestamps its points have', () => {
    const precisions = fc.constantFrom<Precision>('ns', 'us', 'ms', 's', 'm', 'h');
    const small = fc.integer({ min: -1_000_000, max: 2_500_000 }); // hours within InfluxDB's range
    const timestamps = fc.oneof(
      small,
      small.map(BigInt),
      small.map(String),
      small.map((ms) => new Date(ms * 100_000)),
      fc.constantFrom(7n, 1_699_999n), // comes again in the next call
    );
    const texts = fc.constantFrom('x', 'a\nb', 'é', 'é\n', '"\n');
    const points = fc.array(fc.record({ timestamp: timestamps, text: texts }), { maxLength: 6 });
    const property = fc.property(fc.array(points), precisions, precisions, (calls, precision, timestampPrecision) => {
      const encoder = new LineEncoder({ precision, timestampPrecision, onPrecisionLoss: 'truncate' });
      for (const call of calls) {
        const bytes = encoder.encode(
          call.map(({ timestamp, text }) => ({ measurement: 'm', fields: { v: 1, text }, timestamp })),
        );
        const { summary } = encoder;
        if (call.length === 0) expect(summary).toEqual(emptySummary);
        else expect(summary && headerFieldsOf(summary)).toEqual(read(bytes));
        expect(summary?.recordBytesMax).toBe(longestRecord(bytes));
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('is missing from the encoder if a point had no timestamp, or the call failed', () => {
    const encoder = new LineEncoder({ precision: 's' });
    const good = { measurement: 'm', fields: { v: 1 }, timestamp: 5 };
    encoder.encode([good]);
    expect(encoder.summary).toMatchObject({ lines: 1, firstTimestamp: 5n, lastTimestamp: 5n });
    encoder.encode([good, { measurement: 'm', fields: { v: 1 } }]);
    expect(encoder.summary).toBeUndefined();
    encoder.encode([good]);
    expect(() => encoder.encode([good, { measurement: '', fields: { v: 1 } }])).toThrow();
    expect(encoder.summary).toBeUndefined();
  });

  it('is made of lines not validated before only if all are valid and nothing stands between them', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const summary = validateAndSummarize(bytes);
        if (summary === undefined || summary.lines === 0) return;
        expect([...validateLines(bytes)]).toEqual([]);
        const ended = bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
        expect(headerFieldsOf({ ...summary, recordBytesMax: 0 })).toEqual(read(ended));
        expect(summary.bytes).toBe(ended.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['an invalid record', 'm v=1 1\nm v= 1\n'],
    ['a record without a timestamp', 'm v=1 1\nm v=1\n'],
    ['a time before 1970', 'm v=1 -1\n'],
    ['a blank before the measurement', ' m v=1 1\n'],
    ['no measurement at all', ' v=1 1\n'],
    ['a blank line', 'm v=1 1\n\nm v=1 2\n'],
    ['a comment', 'm v=1 1\n# c\n'],
    ['a string that never ends', 'm v="1 1\n'],
  ])('is not made of %s', (_, text) => {
    expect(validateAndSummarize(Buffer.from(text))).toBeUndefined();
  });

  it('says nothing for a header where the records are so long that only their order tells what the importer can post', () => {
    const text = Buffer.from(`m v="${'x'.repeat(6_000)}" 1\n`);
    const summary = validateAndSummarize(text);
    expect(summary).toMatchObject({ lines: 1 });
    expect(summary && headerFieldsOf(summary)).toBeUndefined();
  });

  it('keeps every digit of a timestamp', () => {
    const summary = validateAndSummarize(
      Buffer.from('m v=1 9223372036854775806\nm v=1 1000000000\nm v=1 0999999999\n'),
    );
    expect(summary).toMatchObject({ firstTimestamp: 999_999_999n, lastTimestamp: 9223372036854775806n });
  });
});
