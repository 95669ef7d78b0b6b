import { expect, it } from 'vitest';
import { Grid } from '../../src/verify/digest/grid';

const minute = 28_000_000;

function fill(grid: Grid, side: 'backup' | 'database', columns: number, minutes: number): void {
  for (let i = 0; i < columns * minutes; i += 1) {
    grid.add(side, i % columns, minute + Math.floor(i / columns), i, i);
  }
}

it('finds equal content equal even with more columns than cells', () => {
  const grid = new Grid(200);
  fill(grid, 'backup', 210, 5);
  fill(grid, 'database', 210, 5);
  expect([...grid.differences(true)]).toEqual([]);
});

it('still finds when values differ, within an hour, with more columns than cells', () => {
  const grid = new Grid(200);
  fill(grid, 'backup', 210, 5);
  fill(grid, 'database', 210, 5);
  grid.add('database', 7, minute + 2, 1, 1);
  const [{ column, slice } = { column: -1, slice: -1 }, ...others] = grid.differences(true);
  expect(others).toEqual([]);
  expect(column).toBe(7);
  expect(grid.minuteOf(slice)).toBeLessThanOrEqual(minute + 2);
  expect(grid.minuteOf(slice + 1)).toBeGreaterThan(minute + 2);
  expect(grid.sliceMinutes).toBeLessThan(60);
});

it('never makes a slice longer than the whole range of time, however far apart the points of a column are', () => {
  const grid = new Grid(1);
  for (const at of [-(2 ** 31), -1, 0, 2 ** 31 - 1]) grid.add('backup', 0, at, 1, 1);
  for (const at of [-(2 ** 31), -1, 0, 2 ** 31 - 1]) grid.add('database', 0, at, 1, 1);
  expect(grid.sliceMinutes).toBeLessThanOrEqual(2 ** 31);
  expect([...grid.differences(true)]).toEqual([]);
});

it('adds to 300,000 columns about as fast, per column, as to a few', () => {
  const grid = new Grid(30_000);
  const startedMs = performance.now();
  fill(grid, 'backup', 300_000, 1);
  expect(performance.now() - startedMs).toBeLessThan(10_000); // It takes less than a second, unless every column merges the slices once more.
});
