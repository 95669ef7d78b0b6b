import { superlinear } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { SeriesTable, UNKNOWN } from '../../src/compile/rows/series-table';

it('finds the series that came after the last one before, and no other', () => {
  const table = new SeriesTable();
  const spellings = ['cpu,host=a', 'cpu,host=b', 'cpu,host=bb', 'm', 'mm'];
  for (const [series, spelling] of spellings.entries()) table.add(Buffer.from(spelling), series);
  const look = (text: string) => {
    const bytes = Buffer.from(text);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const next = table.findNext(view, 0);
    const found = next === UNKNOWN ? table.find(view, 0, text.indexOf(' ')) : next;
    expect(found).toBe(spellings.indexOf(text.slice(0, text.indexOf(' '))));
    return next !== UNKNOWN;
  };
  const rounds = ['first', 'second', 'third'].map(() => spellings.map((spelling) => look(`${spelling} v=1 1\n`)));
  expect(rounds.at(-1)).toEqual(spellings.map(() => true));
  // Another order, and beginnings of what is expected.
  for (const spelling of ['mm', 'm', 'cpu,host=bb', 'cpu,host=b', 'mm', 'm', 'x', 'cpu,host='])
    look(`${spelling} v=1 1\n`);
});

it('the time to look up series grows with a file whose records have no blank, and no faster', async () => {
  const prepare = (sizeBytes: number) => {
    const bytes = Buffer.from('x\n'.repeat(sizeBytes / 2));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const table = new SeriesTable();
    table.add(Buffer.from('cpu,host=a'), 0);
    return () => {
      let found = 0;
      for (let at = 0; at < bytes.length; at += 2) if (table.find(view, at, bytes.length) !== UNKNOWN) found += 1;
      expect(found).toBe(0);
    };
  };
  expect(await superlinear([{ name: 'lines of one letter', prepare }])).toEqual([]);
});
