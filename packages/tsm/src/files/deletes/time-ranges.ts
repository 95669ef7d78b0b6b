import type { Column, ColumnBuffer, Cut } from '../../column';

/** A range of times that was deleted, both ends included. */
export interface TimeRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Returns the index of the first point that is not earlier than `time`. */
export function indexOfTime({ times, length }: Column, time: bigint): number {
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

/** Removes the points of all ranges, which `disjoint` returned. */
export function dropTimes(column: ColumnBuffer, ranges: readonly TimeRange[]): void {
  if (column.length === 0) return;
  const earliest = column.times[0] as bigint;
  const latest = column.times[column.length - 1] as bigint;
  const cuts: Cut[] = [];
  for (let i = firstEndingAt(ranges, earliest); i < ranges.length; i += 1) {
    const { first, last } = ranges[i] as TimeRange;
    if (first > latest) break;
    const cut = { from: indexOfTime(column, first), to: indexOfTime(column, last + 1n) };
    if (cut.from < cut.to) cuts.push(cut);
  }
  column.removeAll(cuts);
}

/** Returns the same ranges in order, with those that touch joined, so that a block is only held against those around it. */
export function disjoint(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const joined: TimeRange[] = [];
  for (const range of [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const before = joined.at(-1);
    if (before === undefined || before.last + 1n < range.first) joined.push(range);
    else if (before.last < range.last) joined[joined.length - 1] = { first: before.first, last: range.last };
  }
  return joined;
}

/** Returns the index of the first range that does not end before `time`. */
function firstEndingAt(ranges: readonly TimeRange[], time: bigint): number {
  let low = 0;
  for (let high = ranges.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle] as TimeRange).last < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
