import { superlinear } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { SeriesTable, UNKNOWN } from '../../src/compile/rows/series-table';

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
