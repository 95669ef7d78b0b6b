import { describe, expect, it } from 'vitest';
import { hashSeriesKey, judgePlainLines, rescale, scanLines, validateLines } from '../../src/index';
import { errorOf } from '../support/errors';

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

  it('takes a newline within a string as data, and a stray quote elsewhere as nothing special', () => {
    const text = 'm,size=3.5" v=1 1\nm s="a\nb" 2\nm"x v=1 3\nm "v"=1 4\n';
    expect(Array.from(scanLines(bytes(text)), ({ timestamp }) => timestamp)).toEqual([1n, 2n, 3n, 4n]);
  });

  it('knows that of two backslashes the second still hides the space after them, in a series key', () => {
    const text = 'm\\\\ v=1 1\nm\\\\ v w=1 2\n'; // the first has no fields: its measurement is `m\\\\ v=1`
    expect(Array.from(validateLines(bytes(text)), ({ index, error }) => [index, error.code])).toEqual([[0, 'SYNTAX']]);
  });

  it('yields one reused object', () => {
    expect(new Set(scanLines(bytes('m v=1\nm v=2\n'))).size).toBe(1);
  });
});

describe('hashSeriesKey', () => {
  const hash = (key: string) => hashSeriesKey(bytes(key), 0, Buffer.byteLength(key));

  it('is the same whatever the order of the tags', () => {
    expect(hash('to,a=1,b=2')).toBe(hash('to,b=2,a=1'));
    expect(hash('to,a=1\\,x,b=2')).toBe(hash('to,b=2,a=1\\,x'));
  });

  it('differs for different series', () => {
    const keys = ['to', 'to,a=1', 'to,a=2', 'to,a=1,b=2', 'to,a=2,b=1', 'a=1,to=1', 'to,ab=1', 'to,a=b1'];
    expect(new Set(keys.map(hash)).size).toBe(keys.length);
  });

  it('is an unsigned integer of 32 bits', () => {
    for (let i = 0; i < 1_000; i += 1) expect(hash(`m,t=${i}`)).toSatisfy((h: number) => h === h >>> 0);
  });
});

describe('validateLines', () => {
  it('refuses a record whose own LF a backslash hides: it would swallow the line after it', () => {
    const open = 'm s="x"y\\\n';
    expect([...scanLines(bytes(`${open}m v=1 1\n`))]).toHaveLength(1);
    for (const text of [open, `${open}\n`]) {
      expect(
        Array.from(validateLines(bytes(text)), ({ error }) => error.code),
        text,
      ).toEqual(['SYNTAX']);
      expect(judgePlainLines(bytes(text)), text).toBeUndefined();
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

describe('rescale', () => {
  const inMs = (text: string) => Buffer.from(rescale(bytes(text), 's', 'ms', 'refuse')).toString();

  it('changes the timestamps and not one byte else', () => {
    expect(inMs('# c 1\n m,t=1 s="x 1\n1"  7 \nm v=1\nm v=2 -1')).toBe(
      '# c 1\n m,t=1 s="x 1\n1"  7000 \nm v=1\nm v=2 -1000',
    );
  });

  it('refuses or truncates what the target cannot hold, by its index', () => {
    const error = errorOf(() => rescale(bytes('m v=1 1000\nm v=1 1500\n'), 'ms', 's', 'refuse'));
    expect([error.code, error.index]).toEqual(['PRECISION_LOSS', 1]);
    expect(Buffer.from(rescale(bytes('m v=1 1500\n'), 'ms', 's', 'truncate')).toString()).toBe('m v=1 1\n');
  });
});
