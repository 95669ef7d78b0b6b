import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorText } from '../../src/answers/error-text';
import { readText, readWhole } from '../../src/http/read-body';
import { tagsText } from '../../src/query/query-rows';
import { splitLines } from '../../src/query/split-lines';

async function* from(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}

function* endless(): Generator<Buffer> {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (;;) yield chunk;
}

/** A text and its bytes cut anywhere, also inside a character. */
const cutText = fc
  .tuple(fc.array(fc.string({ unit: fc.constantFrom('a', '\n', 'é', '☃') })), fc.array(fc.nat(40)))
  .map(([parts, cuts]) => {
    const text = parts.join('\n');
    const chunks: Buffer[] = [];
    let rest = Buffer.from(text);
    for (const cut of cuts) {
      chunks.push(rest.subarray(0, cut));
      rest = rest.subarray(cut);
    }
    return { text, chunks: [...chunks, rest] };
  });

describe('splitLines', () => {
  it('yields the same lines wherever the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(cutText, async ({ text, chunks }) => {
        const lines: string[] = [];
        for await (const line of splitLines(from(chunks))) lines.push(line);
        const expected = text.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(lines).toEqual(expected);
      }),
    );
  });

  it('refuses an endless line, in bounded memory', async () => {
    const reading = splitLines(from(endless())).next();
    await expect(reading).rejects.toMatchObject({ code: 'INVALID_ANSWER' });
  });
});

describe('readText', () => {
  it('returns a text up to 64 KiB as it is, wherever it was cut', async () => {
    await fc.assert(
      fc.asyncProperty(cutText, async ({ text, chunks }) => {
        expect(await readText(from(chunks))).toBe(text);
      }),
    );
  });

  it('returns the beginning and the end of a longer one', async () => {
    const text = `${'a'.repeat(65_536)}${'b'.repeat(5_000_000)}${'c'.repeat(1024)}`;
    const chunks = Array.from({ length: Math.ceil(text.length / 65_000) }, (_, i) =>
      Buffer.from(text.slice(i * 65_000, (i + 1) * 65_000)),
    );
    expect(await readText(from(chunks))).toBe(`${'a'.repeat(65_536)} … ${'c'.repeat(1024)}`);
  });

  it('refuses an endless one', async () => {
    await expect(readText(from(endless()))).rejects.toMatchObject({ code: 'INVALID_ANSWER', ambiguous: true });
    await expect(readWhole(from(endless()), 1_000)).rejects.toMatchObject({ code: 'INVALID_ANSWER' });
  });
});

describe('errorText', () => {
  it.each([
    ['{"error":"partial write: \\"a\\"\\n dropped=1"}\n', 'partial write: "a"\n dropped=1'],
    ['{"error":"unable … \\u00 … dropped=0"}\n', 'unable … \\u00 … dropped=0'],
    ['request throttled\n', 'request throttled'],
    ['<html>Bad Gateway</html>', '<html>Bad Gateway</html>'],
    ['', ''],
  ])('finds the message in %s', (body, text) => {
    expect(errorText(body)).toBe(text);
  });
});

describe('tagsText', () => {
  it('writes tags as a series key has them', () => {
    expect(tagsText({ b: 'x y', a: 'c,d=e', empty: '', 'k ey': '☃' })).toBe('a=c\\,d\\=e,b=x\\ y,k\\ ey=☃');
    expect(tagsText({})).toBe('');
  });
});
