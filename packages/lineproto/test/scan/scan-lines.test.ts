import { describe, expect, it } from 'vitest';
import { scanLines, validateLines } from '../../src/index';

const bytes = (text: string) => Buffer.from(text);

describe('scanLines', () => {
  it('finds the bounds of every part', () => {
    const text = 'm,a=1 v=1,s="x y" 5\n  n w=2\n# skipped\n\n';
    const parts = Array.from(scanLines(bytes(text)), ({ start, seriesEnd, fieldsEnd, end, timestamp }) => [
      text.slice(start, seriesEnd),
      text.slice(seriesEnd, fieldsEnd),
      text.slice(fieldsEnd, end),
      timestamp,
    ]);
    expect(parts).toEqual([
      ['m,a=1', ' v=1,s="x y"', ' 5', 5n],
      ['n', ' w=2', '', undefined],
    ]);
  });

  it('takes a newline within a string as data, and a quote elsewhere as a letter', () => {
    const text = 'm,size=3.5" v=1 1\nm s="a\nb" 2\nm"x v=1 3\nm "v"=1 4\n';
    expect(Array.from(scanLines(bytes(text)), ({ timestamp }) => timestamp)).toEqual([1n, 2n, 3n, 4n]);
  });

  it('lets the second of two backslashes in a series key hide the space after it', () => {
    const text = 'm\\\\ v=1 1\nm\\\\ v w=1 2\n'; // the first has no fields: its measurement is `m\\\\ v=1`
    expect(Array.from(validateLines(bytes(text)), ({ index, error }) => [index, error.code])).toEqual([[0, 'SYNTAX']]);
  });

  it('yields one reused object', () => {
    expect(new Set(scanLines(bytes('m v=1\nm v=2\n'))).size).toBe(1);
  });
});
