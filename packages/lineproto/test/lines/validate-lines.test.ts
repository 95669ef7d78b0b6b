import { describe, expect, it } from 'vitest';
import { scanLines, validateLines } from '../../src/index';
import { validateAndSummarize } from '../../src/internal';

const bytes = (text: string) => Buffer.from(text);

describe('validateLines', () => {
  it('refuses a record whose own LF is hidden by a backslash, since it would swallow the next line', () => {
    const open = 'm s="x"y\\\n';
    expect([...scanLines(bytes(`${open}m v=1 1\n`))]).toHaveLength(1);
    for (const text of [open, `${open}\n`]) {
      expect(
        Array.from(validateLines(bytes(text)), ({ error }) => error.code),
        text,
      ).toEqual(['SYNTAX']);
      expect(validateAndSummarize(bytes(text)), text).toBeUndefined();
    }
  });

  it('reports each bad record with its place and reason, and nothing else', () => {
    const text = 'm v=1 1\nm v= 2\n# ok\nm v=3 3\nm,time=x v=4 4\n';
    const bad = Array.from(validateLines(bytes(text)), ({ index, start, end, error }) => [
      index,
      text.slice(start, end),
      error.code,
      error.index,
      error.line,
    ]);
    expect(bad).toEqual([
      [1, 'm v= 2', 'SYNTAX', 1, 2],
      [3, 'm,time=x v=4 4', 'INVALID_NAME', 3, 5],
    ]);
  });
});
