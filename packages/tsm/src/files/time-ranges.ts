import type { Column, ColumnBuffer } from '../column';
import type { TimeRange } from './tombstones';

/** Returns the index of the first point that is not earlier than `time`. */
function indexOfTime({ times, length }: Column, time: bigint): number {
  let low = 0;
  for (let high = length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as bigint) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Removes the points before `from` and after `to`. */
export function keepTimes(column: ColumnBuffer, from: bigint | undefined, to: bigint | undefined): void {
  if (to !== undefined) column.remove(indexOfTime(column, to + 1n), column.length);
  if (from !== undefined) column.remove(0, indexOfTime(column, from));
}

/** Removes the points of all ranges. */
export function dropTimes(column: ColumnBuffer, ranges: readonly TimeRange[]): void {
  for (const { first, last } of ranges) column.remove(indexOfTime(column, first), indexOfTime(column, last + 1n));
}
