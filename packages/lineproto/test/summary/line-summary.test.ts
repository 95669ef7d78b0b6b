import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeFile,
  encodePoint,
  encodeSummedUpFile,
  type FileHeader,
  factsOfValidLines,
  importerObstacles,
  joinLineFacts,
  judgePlainLines,
  LineEncoder,
  type LineFacts,
  LineSummary,
  noLines,
  type Point,
  type Precision,
  scanLines,
  validateLines,
} from '../../src/index';
import { anyBytes, anyPoint } from '../support/arbitraries';
import { collect } from '../support/streams';

const header: FileHeader = { database: 'db', retentionPolicy: 'rp', formatVersion: 1, precision: 's' };

/** What reading the lines finds out. */
function read(bytes: Uint8Array) {
  const summary = new LineSummary();
  summary.add(bytes);
  return summary.finish();
}

function said(facts: LineFacts) {
  const { lines, bytes, firstTimestamp, lastTimestamp } = facts;
  return { summary: { lines, bytes, firstTimestamp, lastTimestamp }, notImportable: importerObstacles(facts) };
}

function longestRecord(bytes: Uint8Array): number {
  return Math.max(0, ...Array.from(scanLines(bytes), ({ start, end }) => end + 1 - start));
}

/** The lines of those points that line protocol can carry, with timestamps from 1970 on. */
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

describe('facts of lines', () => {
  it('say what reading the lines would, also joined over several runs', () => {
    const runs = fc.array(fc.array(anyPoint, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(runs, (pointsOfRuns) => {
        const texts = pointsOfRuns.map(linesOf);
        const expected = read(Buffer.concat(texts));
        for (const factsOf of [factsOfValidLines, judgePlainLines]) {
          const facts = texts.map(factsOf).reduce((a, b) => a && b && joinLineFacts(a, b), noLines);
          expect(facts && said(facts)).toEqual(expected);
        }
      }),
    );
  });

  it('are those of the encoder, too, whatever its points have for timestamps', () => {
    const precisions = fc.constantFrom<Precision>('ns', 'us', 'ms', 's', 'm', 'h');
    const small = fc.integer({ min: -1_000_000, max: 2_500_000 }); // hours that InfluxDB has
    const timestamps = fc.oneof(
      small,
      small.map(BigInt),
      small.map(String),
      small.map((ms) => new Date(ms * 100_000)),
      fc.constantFrom(7n, 1_699_999n), // met again in the next call
    );
    const texts = fc.constantFrom('x', 'a\nb', 'é', 'é\n', '"\n');
    const points = fc.array(fc.record({ timestamp: timestamps, text: texts }), { maxLength: 6 });
    const property = fc.property(fc.array(points), precisions, precisions, (calls, precision, timestampPrecision) => {
      const encoder = new LineEncoder({ precision, timestampPrecision, onPrecisionLoss: 'truncate' });
      for (const call of calls) {
        const bytes = encoder.encode(
          call.map(({ timestamp, text }) => ({ measurement: 'm', fields: { v: 1, text }, timestamp })),
        );
        expect(encoder.facts && said(encoder.facts)).toEqual(call.length === 0 ? said(noLines) : read(bytes));
        expect(encoder.facts?.recordBytesMax).toBe(longestRecord(bytes));
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('are not given by the encoder if a point had no timestamp, or the call failed', () => {
    const encoder = new LineEncoder({ precision: 's' });
    const good = { measurement: 'm', fields: { v: 1 }, timestamp: 5 };
    encoder.encode([good]);
    expect(encoder.facts).toMatchObject({ lines: 1, firstTimestamp: 5n, lastTimestamp: 5n });
    encoder.encode([good, { measurement: 'm', fields: { v: 1 } }]);
    expect(encoder.facts).toBeUndefined();
    encoder.encode([good]);
    expect(() => encoder.encode([good, { measurement: '', fields: { v: 1 } }])).toThrow();
    expect(encoder.facts).toBeUndefined();
  });

  it('are given to lines that nobody has judged only if all are valid and nothing stands between them', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const facts = judgePlainLines(bytes);
        if (facts === undefined || facts.lines === 0) return;
        expect([...validateLines(bytes)]).toEqual([]);
        const ended = bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
        expect(said(facts)).toEqual(read(ended));
        expect(facts.bytes).toBe(ended.length);
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
  ])('are not given to %s', (_, text) => {
    expect(judgePlainLines(Buffer.from(text))).toBeUndefined();
  });

  it('do not say what the importer gets wrong where that depends on how long records follow each other', () => {
    const text = Buffer.from(`m v="${'x'.repeat(6_000)}" 1\n`);
    const facts = judgePlainLines(text);
    expect(facts && importerObstacles(facts)).toBeUndefined();
  });

  it('hold every digit of a timestamp', () => {
    const facts = judgePlainLines(Buffer.from('m v=1 9223372036854775806\nm v=1 1000000000\nm v=1 0999999999\n'));
    expect(facts).toMatchObject({ firstTimestamp: 999_999_999n, lastTimestamp: 9223372036854775806n });
  });
});

describe('encodeSummedUpFile', () => {
  const lines = Buffer.from('m v=1 1\nm v="a\nb" 2\n'.repeat(1_000));
  const summary = { lines: 2_000, bytes: lines.length, firstTimestamp: 1n, lastTimestamp: 2n };

  it('makes the same file as encodeFile, of chunks cut anywhere in memory that is used again for the one after the next', async () => {
    async function* reusing() {
      let [buffer, given] = [Buffer.alloc(777), Buffer.alloc(777)];
      for (let at = 0; at < lines.length; at += buffer.length) {
        yield buffer.subarray(0, lines.copy(buffer, 0, at));
        given.fill('?');
        [buffer, given] = [given, buffer];
      }
    }
    async function* whole() {
      yield lines;
    }
    const expected = await collect(encodeFile({ ...header, summary }, whole()));
    const gz = await collect(encodeSummedUpFile({ ...header, summary }, reusing()));
    expect(gunzipSync(gz).toString()).toBe(gunzipSync(expected).toString());
  });

  it('asks for the next chunk while zlib works on one, and for no more; and for none once nobody reads', async () => {
    let asked = 0;
    let ended = false;
    async function* counted() {
      try {
        for (; asked < 10; ) {
          asked += 1;
          yield lines;
        }
      } finally {
        ended = true;
      }
    }
    const total = { ...summary, lines: 20_000, bytes: 10 * lines.length };
    const file = encodeSummedUpFile({ ...header, summary: total }, counted());
    const first = file.next();
    // zlib has the header, and cannot be done with it before the event loop turns.
    for (let i = 0; i < 100; i += 1) await Promise.resolve();
    expect(asked).toBe(1);
    await first;
    await file.return();
    expect(ended).toBe(true);
  });

  it('refuses other bytes than were summed up', async () => {
    async function* less() {
      yield lines.subarray(8);
    }
    const encoding = collect(encodeSummedUpFile({ ...header, summary }, less()));
    await expect(encoding).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  });
});
