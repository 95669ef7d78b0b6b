import type { Column, Cut } from '../../column';
import { indexOfTime, type TimeRange } from '../../files/deletes/time-ranges';

/** A range of times that an entry deletes, from the points that were written before it. */
export interface Deletion extends TimeRange {
  /** How many points were written before. */
  readonly points: number;
}

/**
 * Returns the points that deletions remove from a column, in order. Of the deletions that cover a time the last one decides, because it removes
 * all that an earlier one does. So each point is looked at once, from the last deletion to the first.
 *
 * @param numbers the points' numbers in the order in which they were written; `undefined` if they stand in it
 */
export function deletedPoints(
  column: Column,
  numbers: Uint32Array | undefined,
  deletions: readonly Deletion[],
): readonly Cut[] {
  if (deletions.length === 0) return [];
  const { length } = column;
  const isDeleted = new Uint8Array(length);
  /** The next point, from each on, that was not looked at; chains of them become shorter with each use. */
  const next = Uint32Array.from({ length: length + 1 }, (_, i) => i);
  const unseen = (from: number) => {
    let i = from;
    for (let to = next[i] as number; to !== i; to = next[i] as number) {
      next[i] = next[to] as number;
      i = to;
    }
    return i;
  };
  for (let d = deletions.length - 1; d >= 0; d -= 1) {
    const { first, last, points } = deletions[d] as Deletion;
    const end = indexOfTime(column, last + 1n);
    for (let i = unseen(indexOfTime(column, first)); i < end; i = unseen(i)) {
      next[i] = i + 1;
      if ((numbers === undefined ? i : (numbers[i] as number)) < points) isDeleted[i] = 1;
    }
  }
  return cutsOf(isDeleted);
}

/** Returns the stretches of marked points. */
function cutsOf(isMarked: Uint8Array): readonly Cut[] {
  const cuts: Cut[] = [];
  for (let from = isMarked.indexOf(1); from !== -1; ) {
    const end = isMarked.indexOf(0, from);
    const to = end === -1 ? isMarked.length : end;
    cuts.push({ from, to });
    from = isMarked.indexOf(1, to);
  }
  return cuts;
}
