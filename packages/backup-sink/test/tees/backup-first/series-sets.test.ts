import { describe, expect, it } from 'vitest';
import type { EncodedLines } from '../../../src/internals';
import { SeriesSets, shareSeries } from '../../../src/tees/backup-first/series-sets';

const encoded = (text: string) => ({ bytes: Buffer.from(text) }) as unknown as EncodedLines;

describe('two sets of series', () => {
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
  ])('of writes with %s', (_, a, b, shared) => {
    const sets = new SeriesSets();
    expect(shareSeries(sets.of(encoded(a)), sets.of(encoded(b)))).toBe(shared);
  });

  it.each([
    ['newlines', (bytes: number) => `m s="${'\n'.repeat(bytes)}" 1\n`],
    ['escaped spaces', (bytes: number) => `m,t=${'\\ '.repeat(bytes / 2)} v=1 1\n`],
    ['lines', (bytes: number) => 'm v=1 1\n'.repeat(bytes / 8)],
  ])('of long runs of %s take time that grows linearly', (_, text) => {
    const cpuMs = (bytes: number) => {
      const lines = encoded(text(bytes));
      const times = Array.from({ length: 5 }, () => {
        const before = process.cpuUsage();
        new SeriesSets().of(lines);
        return process.cpuUsage(before).user / 1000;
      });
      return times.sort((a, b) => a - b)[2] as number;
    };
    const grows = () => cpuMs(1_000_000) / Math.max(cpuMs(100_000), 1);
    expect(Math.min(...[1, 2, 3].map(grows))).toBeLessThan(15);
  });

  it('share one again after more series than there are numbers', () => {
    const sets = new SeriesSets();
    const many = (from: number) =>
      encoded(Array.from({ length: 70_000 }, (_, n) => `m,n=${from + n} v=1 1\n`).join(''));
    const early = sets.of(encoded('m,n=5 v=1 1\n'));
    for (let from = 0; from < 280_000; from += 70_000) sets.of(many(from));
    expect(shareSeries(early, sets.of(encoded('m,n=5 v=2 1\n')))).toBe(true);
  });
});
