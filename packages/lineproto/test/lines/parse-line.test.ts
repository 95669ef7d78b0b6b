import { describe, expect, it } from 'vitest';
import { parseLine, parseLines } from '../../src/index';
import { errorOf } from '../support/errors';

const seconds = { precision: 's' } as const;

describe('parseLine', () => {
  it('reads every type, exactly', () => {
    const line = 'm,b=2,a=1 f=1.5,i=9007199254740993i,t=true,n=F,s="a \\"q\\" \\\\ b" 1700000000';
    expect(parseLine(line, seconds)).toEqual({
      measurement: 'm',
      tags: { a: '1', b: '2' },
      fields: { f: 1.5, i: 9_007_199_254_740_993n, t: true, n: false, s: 'a "q" \\ b' },
      timestamp: 1_700_000_000n,
    });
  });

  it('returns the tags in order', () => {
    expect(Object.keys(parseLine('m,c=3,a=1,b=2 v=1', seconds).tags)).toEqual(['a', 'b', 'c']);
  });

  it('reports line and column, the column in UTF-16 units', () => {
    const error = errorOf(() => parseLine('mß\u{1F600},t=1 v=nope 5', seconds));
    expect([error.code, error.line, error.column]).toEqual(['SYNTAX', 1, 12]);
  });

  it('refuses an empty text, a comment, and more than one record', () => {
    for (const text of ['', '\n', '# comment', 'm v=1\nm v=2']) {
      expect(errorOf(() => parseLine(text, seconds)).code, JSON.stringify(text)).toBe('SYNTAX');
    }
    expect(parseLine('m v=1 5\n', seconds).timestamp).toBe(5n);
  });

  it('checks the range of a timestamp in its precision', () => {
    expect(parseLine('m v=1 9223372036', seconds).timestamp).toBe(9_223_372_036n);
    expect(errorOf(() => parseLine('m v=1 9223372037', seconds)).code).toBe('INVALID_TIMESTAMP');
  });

  it('keeps a key that a plain assignment would lose', () => {
    const { tags, fields } = parseLine('m,__proto__=x __proto__=1', seconds);
    expect(Object.entries(tags)).toEqual([['__proto__', 'x']]);
    expect(Object.entries(fields)).toEqual([['__proto__', 1]]);
  });
});

describe('parseLines', () => {
  it('skips comments and blank lines, and keeps a newline within a string', () => {
    const text = '# a comment with ="\nm v=1 1\n\n  \nm s="x\ny" 2\n m v=3 3';
    expect([...parseLines(text, seconds)].map(({ timestamp }) => timestamp)).toEqual([1n, 2n, 3n]);
  });

  it('counts lines as an editor does, and records from 0', () => {
    const error = errorOf(() => [...parseLines('# c\nm s="a\nb" 1\n\nm v=x', seconds)]);
    expect([error.line, error.column, error.index]).toEqual([5, 5, 1]);
  });
});
