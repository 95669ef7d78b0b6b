import { gzipSync } from 'node:zlib';
import { type Growing, growingShapes, growingTexts, hostileLines, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import {
  decodeFile,
  encodePoint,
  formatHeader,
  hashSeriesKey,
  integer,
  LineProtocolError,
  LineSplitter,
  LineSummarizer,
  type Point,
  parseLines,
  readHeader,
  rescale,
  scanLines,
  validateLines,
} from '../src';
import { measurementFilter, skimLines } from '../src/internal';

/** The most records that are made objects or errors of: what comes later costs only as much again. */
const recordsMax = 1_000;

/** Reads the records; what is refused is refused. */
function drain(items: () => Iterable<unknown>): void {
  refusable(() => {
    let count = 0;
    for (const _ of items()) if (++count >= recordsMax) break;
  });
}

function refusable(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof LineProtocolError)) throw error;
  }
}

/** Every way into this package that takes lines which someone else wrote. */
const readers: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  validateLines: (bytes) => drain(() => validateLines(bytes)),
  skimLines: (bytes) => drain(() => skimLines(bytes)),
  parseLines: (bytes) => drain(() => parseLines(bytes.toString(), { precision: 's' })),
  LineSummarizer: (bytes) => {
    const lines = new LineSummarizer();
    lines.add(bytes);
    lines.finish();
  },
  'LineSplitter, given small chunks away': (bytes) => {
    const splitter = new LineSplitter({ bytesMax: 64 * 1024, linesMax: 5_000 }, { takesChunks: true });
    for (let at = 0; at < bytes.length; at += 1_000) splitter.push(Buffer.from(bytes.subarray(at, at + 1_000)));
    splitter.end();
  },
};

const header = '# DML\n# CONTEXT-DATABASE: db_0\n# CONTEXT-RETENTION-POLICY:\n';

/** A text of one kind of character, in each place of a header and of a point that takes a text. */
const characters = ['1', 'a', '\\', '"', ' ', 'é', '\\"', '\\,'];
const texts: Readonly<Record<string, (text: string) => unknown>> = {
  'a measurement': (text) => encode({ measurement: text, fields: { v: 1 } }),
  'a tag key': (text) => encode({ measurement: 'm', tags: { [text]: 'a' }, fields: { v: 1 } }),
  'a tag value': (text) => encode({ measurement: 'm', tags: { a: text }, fields: { v: 1 } }),
  'a field key': (text) => encode({ measurement: 'm', fields: { [text]: 1 } }),
  'a string': (text) => encode({ measurement: 'm', fields: { v: text } }),
  'an integer': (text) => refusable(() => integer(text)),
  'a timestamp': (text) => encode({ measurement: 'm', fields: { v: 1 }, timestamp: text }),
  'a database': (text) => refusable(() => formatHeader({ database: text, retentionPolicy: '' })),
  'a duration': (text) =>
    refusable(() => formatHeader({ database: 'd', retentionPolicy: '', policy: { duration: text } })),
};

function encode(point: Point): void {
  refusable(() => encodePoint(point, { precision: 'ns' }));
}

/** Header lines, with room for a text. */
const headerLines: readonly ((text: string) => string)[] = [
  (text) => `# CONTEXT-DATABASE: ${text}`,
  (text) => `# CERES-DATABASE: ${text}`,
  (text) => `# CERES-SEQUENCE: ${text}`,
  (text) => `# CERES-SUMMARY: lines=${text} bytes=1`,
  (text) => `# CERES-POLICY: duration=${text}`,
  (text) => `# CERES-${text}`,
];

// Each takes a fraction of this; a busy machine takes a multiple of that.
describe('The time for a text that someone hostile wrote', { timeout: 120_000 }, () => {
  it.each(Object.entries(readers))('grows with its size and no faster: %s', async (_, read) => {
    expect(await superlinear(growingShapes(hostileLines, read))).toEqual([]);
  });

  it('grows with its size and no faster: hashSeriesKey', async () => {
    const shapes = hostileLines.filter(({ name }) => /measurement|tag|escaped|backslash|comma/.test(name));
    const read = (bytes: Buffer) => hashSeriesKey(bytes, 0, bytes.length);
    expect(await superlinear(growingShapes(shapes, read))).toEqual([]);
  });

  it('grows with its size and no faster: measurementFilter', async () => {
    const shapes = hostileLines.filter(({ name }) => /measurement|escaped/.test(name));
    const read = (bytes: Buffer) => {
      const isSelected = measurementFilter(new Set(['m']));
      for (const record of scanLines(bytes)) isSelected(bytes, record);
    };
    expect(await superlinear(growingShapes(shapes, read))).toEqual([]);
  });

  it('grows with its size and no faster: rescale', async () => {
    const shapes = hostileLines.filter(({ name }) => /digits|zeros|timestamp/.test(name));
    const read = (bytes: Buffer) => refusable(() => rescale(bytes, 's', 'ns', 'refuse'));
    expect(await superlinear(growingShapes(shapes, read))).toEqual([]);
  });

  it.each(Object.entries(texts))('grows with its size and no faster when it is encoded as %s', async (_, write) => {
    expect(await superlinear(growingTexts(characters, write))).toEqual([]);
  });

  it('grows with its size and no faster in the header of a backup file', async () => {
    const work = headerLines.flatMap((line) =>
      ['1', ' ', '%41', 'a=1 '].map((unit): Growing => {
        return {
          name: line(`${unit}…`),
          prepare: (size) => {
            const text = `${header}${line(unit.repeat(size / unit.length))}\nm v=1 1\n`;
            const gz = gzipSync(text, { level: 1 });
            return () => refusable(() => readHeader(gz));
          },
        };
      }),
    );
    expect(await superlinear(work)).toEqual([]);
  });

  it('grows with its size and no faster in the body of a backup file', async () => {
    const shapes = hostileLines.filter(({ name }) => /comment|blank|closed|end in|quote at/.test(name));
    const work = shapes.map(({ name, bytes }): Growing => {
      return {
        name,
        prepare: (size) => {
          const gz = gzipSync(Buffer.concat([Buffer.from(header), bytes(size)]), { level: 1 });
          return () => decodeAll(gz);
        },
      };
    });
    expect(await superlinear(work)).toEqual([]);
  });
});

async function decodeAll(gz: Buffer): Promise<void> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < gz.length; at += 65_536) yield gz.subarray(at, at + 65_536);
  }
  const file = decodeFile(chunks(), { batchBytesMax: 1_000_000, batchLinesMax: 10_000 });
  try {
    for await (const _ of file);
  } catch (error) {
    if (!(error instanceof LineProtocolError)) throw error;
  }
}
