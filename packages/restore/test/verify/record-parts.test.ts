import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Columns, measurementKey } from '../../src/verify/digest/columns';
import { Grid } from '../../src/verify/digest/grid';
import { addLastWrites } from '../../src/verify/scan/last-writes';
import { RecordParts } from '../../src/verify/scan/record-parts';
import { RecordShapes } from '../../src/verify/scan/record-shape';
import { openWorkspace, type Workspace } from '../support/workspace';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.remove());

const measurement = measurementKey('db', 'rp', 'm');

/** Adds records of the point `key` with a value for each field, and returns the grid of their last writes. */
async function gridOf(
  parts: RecordParts,
  records: readonly (readonly [key: number, fields: Readonly<Record<string, number>>])[],
): Promise<{ readonly grid: Grid; readonly columns: Columns }> {
  const columns = new Columns();
  const shapes = new RecordShapes(columns);
  for (const [key, fields] of records) {
    const hashes = Int32Array.from(Object.values(fields).flatMap((value) => [value, value]));
    const { number } = shapes.of(measurement, { names: Object.keys(fields) });
    parts.add(key, Math.imul(key, 0x9e3779b1), number, 7, hashes.length / 2, hashes);
    await parts.spill();
  }
  const grid = new Grid();
  await parts.visit((words) => addLastWrites(words, shapes.all, grid));
  await parts.remove();
  return { grid, columns };
}

/** Returns whether two grids hold the same, whatever their columns are numbered. */
function isSame(a: Awaited<ReturnType<typeof gridOf>>, b: Awaited<ReturnType<typeof gridOf>>): boolean {
  const both = new Grid();
  a.grid.addTo(both, (column) => b.columns.numberOf(measurement, a.columns.get(column).field));
  const { cells } = b.grid.content();
  for (const [cell, column] of cells.columns.entries()) {
    const [count = 0, hi = 0, lo = 0] = [cells.counts[2 * cell], cells.sums[4 * cell], cells.sums[4 * cell + 1]];
    both.addMany('database', column, 7, count, hi, lo);
  }
  return both.differences(true).length === 0;
}

it('names the folder that cannot hold the records, and the option that names another', async () => {
  const parts = new RecordParts(join(workspace.folder, 'missing'));
  for (let i = 0; i < 8_192; i += 1) parts.add(i, 0, 0, 0, 1, Int32Array.of(i, i));
  await expect(parts.spill()).rejects.toMatchObject({
    name: 'RestoreError',
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(/missing.*ENOENT.*--scratch-dir/),
  });
  await parts.remove();
});

describe('of the records of a point, the last write of each field counts', () => {
  const overwritten = [...Array(300_000).keys()].map((i) => [i % 5_000, { a: i, b: i + 1 }] as const);
  const last = overwritten.slice(-5_000);

  it('even if earlier records went to the disk', async () => {
    const all = await gridOf(new RecordParts(workspace.folder), overwritten);
    expect(isSame(all, await gridOf(new RecordParts(workspace.folder), last))).toBe(true);
    const other = [...last.slice(1), [0, { a: 0, b: 1 }] as const];
    expect(isSame(all, await gridOf(new RecordParts(workspace.folder), other))).toBe(false);
  });

  it('even if a part does not fit into memory, and is read several times', async () => {
    const all = await gridOf(new RecordParts(workspace.folder, 500), overwritten);
    expect(isSame(all, await gridOf(new RecordParts(workspace.folder), last))).toBe(true);
  });

  it('even if later records have other fields, or the same in another order', async () => {
    const records = [
      [1, { a: 1, b: 1, c: 1 }],
      [1, { b: 2, a: 2 }],
      [1, { b: 3, d: 3 }],
      [2, { a: 4 }],
    ] as const;
    const all = await gridOf(new RecordParts(workspace.folder), records);
    const merged = [
      [1, { a: 2, b: 3, c: 1, d: 3 }],
      [2, { a: 4 }],
    ] as const;
    expect(isSame(all, await gridOf(new RecordParts(workspace.folder), merged))).toBe(true);
  });
});
