import { ROW_NUMBER, ROW_SERIES, ROW_TIME, type ShapeRows } from '../rows/shape-rows';

/** The rows of one shape, grouped by series: those of a series lie together, in the order of their records. */
export interface GroupedRows {
  readonly rows: ShapeRows;
  /** The series that have rows. */
  readonly series: Uint32Array;
  /** The places in `order` where the rows of each of these begin, and one more, where those of the last one end. */
  readonly starts: Uint32Array;
  /** The numbers of rows. */
  readonly order: Uint32Array;
}

/** Groups the rows of one shape after another. The memory that it takes does not grow with the number of shapes. */
export class RowGrouping {
  /** The place of each series in the list of the current shape, if `#stamps` says that it is of this shape. */
  readonly #places: Uint32Array;
  readonly #stamps: Uint32Array;
  #stamp = 0;

  constructor(seriesCount: number) {
    this.#places = new Uint32Array(seriesCount);
    this.#stamps = new Uint32Array(seriesCount);
  }

  group(rows: ShapeRows): GroupedRows {
    const { count, chunks, shift, mask, rowWords } = rows;
    const [places, stamps] = [this.#places, this.#stamps];
    this.#stamp += 1;
    const stamp = this.#stamp;
    const series: number[] = [];
    const counts: number[] = [];
    const placeOf = new Uint32Array(count);
    for (let row = 0; row < count; row += 1) {
      const one = (chunks[row >>> shift] as Uint32Array)[(row & mask) * rowWords + ROW_SERIES] as number;
      if (stamps[one] !== stamp) {
        stamps[one] = stamp;
        places[one] = series.length;
        series.push(one);
        counts.push(0);
      }
      const place = places[one] as number;
      placeOf[row] = place;
      counts[place] = (counts[place] as number) + 1;
    }
    const starts = new Uint32Array(series.length + 1);
    for (let i = 0; i < series.length; i += 1) starts[i + 1] = (starts[i] as number) + (counts[i] as number);
    const next = starts.slice();
    const order = new Uint32Array(count);
    for (let row = 0; row < count; row += 1) {
      const place = placeOf[row] as number;
      const at = next[place] as number;
      order[at] = row;
      next[place] = at + 1;
    }
    return { rows, series: Uint32Array.from(series), starts, order };
  }
}

/** Compares two rows by time, then by the order of their records. */
export function compareRows(a: ShapeRows, i: number, b: ShapeRows, j: number): number {
  const [aWords, aAt] = placeOf(a, i);
  const [bWords, bAt] = placeOf(b, j);
  const highs = ((aWords[aAt + ROW_TIME + 1] as number) | 0) - ((bWords[bAt + ROW_TIME + 1] as number) | 0);
  if (highs !== 0) return highs;
  const lows = (aWords[aAt + ROW_TIME] as number) - (bWords[bAt + ROW_TIME] as number);
  return lows !== 0 ? lows : (aWords[aAt + ROW_NUMBER] as number) - (bWords[bAt + ROW_NUMBER] as number);
}

/** Returns whether two rows have the same time. */
export function haveOneTime(a: ShapeRows, i: number, b: ShapeRows, j: number): boolean {
  const [aWords, aAt] = placeOf(a, i);
  const [bWords, bAt] = placeOf(b, j);
  return aWords[aAt + ROW_TIME] === bWords[bAt + ROW_TIME] && aWords[aAt + ROW_TIME + 1] === bWords[bAt + ROW_TIME + 1];
}

function placeOf({ chunks, shift, mask, rowWords }: ShapeRows, row: number): readonly [Uint32Array, number] {
  return [chunks[row >>> shift] as Uint32Array, (row & mask) * rowWords];
}

/**
 * Returns rows of one series in the order of their times, of each time the last one.
 *
 * @param order the numbers of rows in the order of their records
 */
export function inTimeOrder(rows: ShapeRows, order: Uint32Array): Uint32Array {
  const { chunks, shift, mask, rowWords } = rows;
  let lowBefore = 0;
  let highBefore = -Infinity;
  let isAscending = true;
  for (let i = 0; i < order.length; i += 1) {
    const row = order[i] as number;
    const chunk = chunks[row >>> shift] as Uint32Array;
    const at = (row & mask) * rowWords + ROW_TIME;
    const low = chunk[at] as number;
    const high = (chunk[at + 1] as number) | 0;
    if (high < highBefore || (high === highBefore && low <= lowBefore)) {
      isAscending = false;
      break;
    }
    lowBefore = low;
    highBefore = high;
  }
  if (isAscending) return order;
  const sorted = order.slice().sort((a, b) => compareRows(rows, a, rows, b));
  return sorted.filter((row, i) => i + 1 === sorted.length || !haveOneTime(rows, row, rows, sorted[i + 1] as number));
}
