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

  it.each([
    ['a measurement', 'm\xff v=1 2'],
    ['a measurement that begins with it', '\xff v=1 2'],
    ['a measurement that is cut in a character', 'm\xe2\x98,t=a v=1 2'],
    ['a field key', 'm \xff=1 2'],
    ['a later field key', 'm,t=a v=1,w\xc3=2 2'],
    ['a field key behind a string', 'm s="a,b=c",\xff=2 2'],
  ])('refuses %s that is not UTF-8: InfluxDB could not open its shard again', (_, line) => {
    const good = Array.from({ length: 50 }, (__, n) => `m,t=a v=${n} ${n}\n`).join('');
    const text = Buffer.concat([bytes(good), Buffer.from(line, 'latin1'), bytes(`\n${good}`)]);
    const bad = Array.from(validateLines(text), ({ index, error }) => [index, error.code, error.message]);
    expect(bad).toEqual([[50, 'INVALID_NAME', expect.stringMatching(/is not UTF-8/)]]);
    expect(validateAndSummarize(text)).toBeUndefined();
  });

  it('takes any bytes in tags and in strings, as InfluxDB does', () => {
    const text = Buffer.from('m,\xff=\xfe s="\xff",v=1 2\n', 'latin1');
    expect([...validateLines(text)]).toEqual([]);
    expect(validateAndSummarize(text)?.lines).toBe(1);
  });
});
