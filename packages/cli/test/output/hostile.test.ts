import { growingTexts, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { escapeControls } from '../../src/output/escape';
import { differencesOf, differenceTable } from '../../src/output/results/recover/differences';
import { formatTable } from '../../src/output/table';
import { wrap, wrapWords } from '../../src/output/wrap';

/** What names, reasons and keys of a backup may repeat: blanks, controls, and beginnings of colors. */
const units = [
  ' ',
  'a',
  'a ',
  'ab  ',
  '\n',
  '\0',
  '\x1b',
  '\x1b[',
  '\x1b[1;',
  ';',
  '[',
  '\x9b',
  '\\',
  'é',
  '\x1b]8;;a\x07',
];

const writers: Readonly<Record<string, (text: string) => unknown>> = {
  escapeControls,
  wrapWords: (text) => wrapWords(`a${text}`, 40),
};

describe('The time to print what someone hostile wrote', { timeout: 120_000 }, () => {
  it.each(Object.entries(writers))('grows with its size and no faster: %s', async (_, write) => {
    expect(await superlinear(growingTexts(units, write))).toEqual([]);
  });

  it('grows with its size and no faster: wrapWords, of what is escaped', async () => {
    const escapedUnits = [...new Set(units.map(escapeControls))].filter((unit) => !units.includes(unit));
    expect(await superlinear(growingTexts(escapedUnits, writers.wrapWords as (text: string) => unknown))).toEqual([]);
  });

  it('grows with the rows of a table and the parts of a list, and no faster', async () => {
    const cells = (text: string) => text.match(/.{10}/g) ?? [];
    const works = [
      growingTexts(['a'], (text) => wrap(cells(text), 40, '  ')),
      growingTexts(['a'], (text) =>
        formatTable(
          ['name', 'files'],
          cells(text).map((name) => [name, 1]),
        ),
      ),
      growingTexts(['a'], (text) =>
        formatTable(['name', 'files'], [[text, 0], ...cells(text).map((_, n) => ['a', n])]),
      ),
    ];
    expect(await superlinear(works.flat())).toEqual([]);
  });

  it('grows with the number of differences and no faster', async () => {
    const prepare = (sizeBytes: number) => {
      const mismatches = Array.from({ length: sizeBytes / 50 }, (_, n) => {
        const place = { instance: 'i', database: `db${n % 100}`, retentionPolicy: 'rp', measurement: `m${n}` };
        return { ...place, from: BigInt(-3 * n), until: BigInt(-3 * n + 1), missing: 1, extra: 0, differentMax: 0 };
      });
      const verdict = { mismatches, absentPolicies: [] };
      return () => differenceTable(differencesOf(verdict as never), 80);
    };
    expect(await superlinear([{ name: 'differences', prepare }])).toEqual([]);
  });
});

it('a table of more rows than the stack holds is printed', () => {
  const rows = Array.from({ length: 200_000 }, (_, n) => [`db${n}`, 1]);
  expect(formatTable(['database', 'files'], rows)).toHaveLength(200_001);
});

it('a name that is longer than any screen does not lengthen the other lines', () => {
  const [, first, second] = formatTable(
    ['name', 'files'],
    [
      ['a'.repeat(1_000), 1],
      ['b', 2],
    ],
  );
  expect(first).toBe(`${'a'.repeat(1_000)}      1`);
  expect(second?.length).toBeLessThan(300);
});

it('blanks that do not fit on a line are left out, and words keep theirs', () => {
  expect(wrapWords(`a${' '.repeat(50)}b  c`, 10)).toEqual([`a${' '.repeat(9)}`, '  b  c']);
});
