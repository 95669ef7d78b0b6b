import { expect, it } from 'vitest';
import { Columns, measurementKey, pointField } from '../../src/verify/digest/columns';
import { Grid } from '../../src/verify/digest/grid';
import { RecordShapes } from '../../src/verify/scan/record-shape';
import { RowSums } from '../../src/verify/scan/row-sums';

const measurement = measurementKey('db', 'rp', 'm');

it.each([1, 200, 1_000_000])(
  'sums of records equal those of their values one by one, with %d words of memory',
  (max) => {
    const columns = new Columns();
    const shapes = new RecordShapes(columns);
    const all = [['a'], ['b', 'a'], ['c', 'd', 'e', 'a'], []].map((names) => shapes.of(measurement, { names }));
    const grid = new Grid();
    const rows = new RowSums(grid, 'backup', max);
    for (let i = 0; i < 2_000; i += 1) {
      const shape = all[(i * 7) % all.length];
      const minute = (i * 31) % 97;
      if (shape === undefined) throw new Error('there are four shapes');
      rows.moveTo(shape, minute);
      grid.add('database', columns.numberOf(measurement, pointField), minute, 0, 0);
      for (const [field, column] of shape.columns.entries()) {
        const [hi, lo] = [Math.imul(i + field, 0x9e3779b1), Math.imul(i - field, 0x85ebca6b)];
        const at = rows.at + 2 * field;
        rows.sums[at] = (rows.sums[at] ?? 0) + hi;
        rows.sums[at + 1] = (rows.sums[at + 1] ?? 0) + lo;
        grid.add('database', column, minute, hi, lo);
      }
    }
    rows.flush();
    rows.flush(); // adds nothing twice
    expect(grid.total('backup', columns.numberOf(measurement, pointField))).toBe(2_000);
    expect(grid.differences(true)).toEqual([]);
  },
);
