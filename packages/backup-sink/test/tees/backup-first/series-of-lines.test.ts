import { growingTexts, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import type { EncodedLines } from '../../../src/internals';
import { SeriesOfLines } from '../../../src/tees/backup-first/series-of-lines';

const encoded = (text: string) => ({ bytes: Buffer.from(text) }) as unknown as EncodedLines;

function seriesOf(text: string, seriesMax = Infinity) {
  return new SeriesOfLines().find(encoded(text), seriesMax);
}

describe('two writes', () => {
  it.each([
    ['the same series', 'm,a=1 v=1 1\n', 'm,a=1 v=2 1\n', true],
    ['the same series with its tags in another order', 'm,a=1,b=2 v=1 1\n', 'm,b=2,a=1 v=2 1\n', true],
    [
      'a series behind a string with newlines and spaces',
      'm,a=1 s="x\ny\n\n z" 1\nm,a=2 v=1 1\n',
      'm,a=2 v=2 1\n',
      true,
    ],
    ['a series with escaped spaces', 'm\\ x,a=\\ 1\\ 2 v=1 1\n', 'm\\ x,a=\\ 1\\ 2 v=3 1\n', true],
    ['a series of one byte', 'm v=1 1\n', 'x v=1 1\nm v=2 1\n', true],
    ['other tags', 'm,a=1 v=1 1\n', 'm,a=2 v=1 1\n', false],
    ['keys that differ behind an escaped space', 'm\\ x v=1 1\n', 'm\\ y v=1 1\n', false],
    ['nothing', '', 'm v=1 1\n', false],
  ])('of %s', (_, a, b, shared) => {
    const others = seriesOf(b);
    expect([...(seriesOf(a) ?? [])].some((series) => others?.has(series))).toBe(shared);
  });
});

it('A write of more series than are asked for may hold any', () => {
  expect(seriesOf('m,a=1 v=1 1\nm,a=2 v=1 1\nm,a=1 v=1 2\n', 2)?.size).toBe(2);
  expect(seriesOf('m,a=1 v=1 1\nm,a=2 v=1 1\nm,a=3 v=1 1\n', 2)).toBeUndefined();
});

it('Looking for series takes time that grows linearly', async () => {
  const units = ['\n', ' ', '\\ ', '\\', 'm v=1 1\n', 'm,t=\\ \\ v=1 1\n', 'm s="\n\n" 1\n'];
  expect(await superlinear(growingTexts(units, (text) => seriesOf(`m,t=${text} v=1 1\n`)))).toEqual([]);
});
