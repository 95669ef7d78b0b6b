import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter, type SplitLimits } from '../../src/index';
import { errorOf } from '../support/errors';

function split(text: string, chunkBytes: number, limits: SplitLimits = { bytesMax: 1_000, linesMax: 100 }) {
  const splitter = new LineSplitter(limits);
  const bytes = Buffer.from(text);
  const batches = [];
  for (let i = 0; i < bytes.length; i += chunkBytes) batches.push(...splitter.push(bytes.subarray(i, i + chunkBytes)));
  batches.push(...splitter.end());
  return batches.map(({ bytes, lines }) => ({ text: Buffer.from(bytes).toString(), lines }));
}

describe('LineSplitter', () => {
  const text = 'm v=1 1\nm s="a\n# not a comment\nb" 2\nm,t=5" v=3 3\nm v=4 4\n';

  it('cuts at record boundaries wherever the chunks are cut', () => {
    for (let chunkBytes = 1; chunkBytes <= text.length; chunkBytes += 1) {
      expect(split(text, chunkBytes, { bytesMax: 1_000, linesMax: 3 })).toEqual([
        { text: 'm v=1 1\nm s="a\n# not a comment\nb" 2\nm,t=5" v=3 3\n', lines: 3 },
        { text: 'm v=4 4\n', lines: 1 },
      ]);
    }
  });

  it('ends records where the rule ends them, byte by byte, whatever marks they hold', () => {
    const line = fc.array(fc.constantFrom('m', ' ', '=', ',', '"', '"', '\\', '\n'), { maxLength: 40 });
    fc.assert(
      fc.property(line, (marks) => {
        const text = marks.join('');
        const one = { bytesMax: 1_000, linesMax: 1 };
        // The quick way needs the whole record in one chunk.
        expect(split(`${text}\n`, text.length + 1, one)).toEqual(split(`${text}\n`, 1, one));
      }),
      { numRuns: 20_000 },
    );
  });

  it('closes a batch before it exceeds its bytes; a single record may', () => {
    expect(split(text, 7, { bytesMax: 24, linesMax: 100 }).map((batch) => batch.text)).toEqual([
      'm v=1 1\n',
      'm s="a\n# not a comment\nb" 2\n',
      'm,t=5" v=3 3\nm v=4 4\n',
    ]);
  });

  it.each(['', 'm v=1 1\n'])('takes a record of recordBytesMax behind %j, and refuses a longer one', (before) => {
    const limits = { bytesMax: 1_000, linesMax: 100, recordBytesMax: 24 };
    const longest = `${before}m,t=abcdefghi v=1 12345\nm v=2 2\n`;
    expect(split(longest, 1_000, limits).map((batch) => batch.text)).toEqual([longest]);
    expect(() => split(longest.replace('t=a', 't=aa'), 1_000, limits)).toThrow(/recordBytesMax/);
  });

  it('leaves out comments and blank lines', () => {
    expect(split('# a\nm v=1 1\n\n# b\nm v=2 2\n # c', 3)).toEqual([{ text: 'm v=1 1\nm v=2 2\n', lines: 2 }]);
  });

  it('returns a last record without LF at the end', () => {
    expect(split('m v=1 1\nm v=2', 4)).toEqual([{ text: 'm v=1 1\nm v=2', lines: 2 }]);
  });

  it('refuses a record that never ends, after the batches before it', () => {
    const splitter = new LineSplitter({ bytesMax: 8, linesMax: 10, recordBytesMax: 100 });
    expect(splitter.push(Buffer.from(`m v=1 1\nm s="${'x'.repeat(200)}`))).toHaveLength(1);
    expect(errorOf(() => splitter.push(Buffer.from('x'))).code).toBe('SYNTAX');
  });

  it('owns the bytes of its batches', () => {
    const splitter = new LineSplitter({ bytesMax: 1_000, linesMax: 1 });
    const chunk = Buffer.from('m v=1 1\n');
    const [batch] = splitter.push(chunk);
    chunk.fill(0);
    expect(Buffer.from(batch?.bytes ?? []).toString()).toBe('m v=1 1\n');
  });

  it('hands out views of chunks that it may take, and copies only a record that lies across two memories', () => {
    const splitter = new LineSplitter({ bytesMax: 1_000, linesMax: 100 }, { takesChunks: true });
    const [first, second] = [Buffer.alloc(64, 'm v=1 1\n'), Buffer.alloc(64, 'm v=2 2\n')];
    const pushed = [first.subarray(0, 12), first.subarray(12, 20), second.subarray(20)];
    const batches = [...pushed.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
    expect(batches.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      'm v=1 1\nm v=1 1\n',
      'm v=2 2\n', // its first half, 'm v=', lies in the first memory
      'm v=2 2\n'.repeat(5),
    ]);
    expect(batches.map(({ bytes }) => [first.buffer, second.buffer].indexOf(bytes.buffer as ArrayBuffer))).toEqual([
      0, -1, 1,
    ]);
  });

  it('refuses limits that are not whole numbers of at least 1', () => {
    expect(errorOf(() => new LineSplitter({ bytesMax: 0, linesMax: 1 })).code).toBe('INVALID_OPTIONS');
    expect(errorOf(() => new LineSplitter({ bytesMax: 1, linesMax: 1.5 })).code).toBe('INVALID_OPTIONS');
  });
});
