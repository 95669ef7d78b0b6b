/** One of the two sides that are compared. */
export type Side = 'backup' | 'database';

/** The values of one column in one time slice: for each side their number, and a digest that ignores their order. */
interface Cell {
  readonly counts: Record<Side, number>;
  /** Two sums modulo 2^32 for each side. */
  readonly sums: Record<Side, [number, number]>;
}

/** A column and a slice in which the sides differ. */
export interface Difference {
  readonly column: number;
  readonly slice: number;
}

/** The number of cells, of about 200 bytes each, beyond which every two slices are merged into one. */
const cellsMaxDefault = 200_000;
/** The cells that each column keeps even if there are more columns than cells. The longest slices leave no fewer. */
const columnCellsMin = 2;
/** Minutes are 32-bit numbers: there are two slices of 2^31 minutes, and a shift by 32 would shift by nothing. */
const shiftMax = 31;
const columnShift = 2 ** 32;

/**
 * Sums the values up by column (a field of a measurement) and time slice. A slice is a minute at first. When there are too
 * many, every two become one, which sums allow: the size never exceeds `cellsMax` or twice the number of columns.
 */
export class Grid {
  #cells = new Map<number, Cell>();
  #shift = 0;
  readonly #totals: Record<Side, number[]> = { backup: [], database: [] };
  readonly #cellsMax: number;

  constructor(cellsMax = cellsMaxDefault) {
    this.#cellsMax = cellsMax;
  }

  /** The length of a slice, in minutes. */
  get sliceMinutes(): number {
    return 2 ** this.#shift;
  }

  /**
   * Adds a value.
   *
   * @param minute whole minutes since the epoch
   */
  add(side: Side, column: number, minute: number, hi: number, lo: number): void {
    const cell = this.#cellAt(column * columnShift + this.#sliceOf(minute));
    cell.counts[side] += 1;
    this.#totals[side][column] = (this.#totals[side][column] ?? 0) + 1;
    const sums = cell.sums[side];
    sums[0] = (sums[0] + hi) >>> 0;
    sums[1] = (sums[1] + lo) >>> 0;
    if (this.#shift < shiftMax && this.#cells.size > this.#limit()) this.#coarsen();
  }

  /** Returns the number of a column's values over all slices. */
  total(side: Side, column: number): number {
    return this.#totals[side][column] ?? 0;
  }

  /** Returns the number of a column's values on each side, by slice. */
  counts(column: number): Map<number, Readonly<Record<Side, number>>> {
    const counts = new Map<number, Readonly<Record<Side, number>>>();
    for (const [key, cell] of this.#cells) {
      if (Math.floor(key / columnShift) === column) counts.set(key % columnShift, cell.counts);
    }
    return counts;
  }

  /** Finds where the counts differ or, with `digests`, the content; in no particular order. */
  *differences(digests: boolean): Generator<Difference> {
    for (const [key, { counts, sums }] of this.#cells) {
      const sameCount = counts.backup === counts.database;
      const [a, b] = [sums.backup, sums.database];
      if (sameCount && (!digests || (a[0] === b[0] && a[1] === b[1]))) continue;
      yield { column: Math.floor(key / columnShift), slice: key % columnShift };
    }
  }

  /** Forgets the slices of columns that are known to be equal. */
  forget(columns: ReadonlySet<number>): void {
    for (const key of this.#cells.keys()) if (columns.has(Math.floor(key / columnShift))) this.#cells.delete(key);
  }

  /** Returns the first minute of a slice. */
  minuteOf(slice: number): number {
    return slice * this.sliceMinutes - 2 ** 31;
  }

  /** Returns the number of cells that needs no merging. Fewer than the columns need would merge in vain at every value. */
  #limit(): number {
    const { backup, database } = this.#totals;
    return Math.max(this.#cellsMax, columnCellsMin * Math.max(backup.length, database.length));
  }

  #sliceOf(minute: number): number {
    return (minute + 2 ** 31) >>> this.#shift;
  }

  #cellAt(key: number): Cell {
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = { counts: { backup: 0, database: 0 }, sums: { backup: [0, 0], database: [0, 0] } };
      this.#cells.set(key, cell);
    }
    return cell;
  }

  #coarsen(): void {
    const fine = this.#cells;
    this.#cells = new Map();
    this.#shift += 1;
    for (const [key, { counts, sums }] of fine) {
      const column = Math.floor(key / columnShift);
      const cell = this.#cellAt(column * columnShift + ((key % columnShift) >>> 1));
      for (const side of ['backup', 'database'] as const) {
        cell.counts[side] += counts[side];
        cell.sums[side][0] = (cell.sums[side][0] + sums[side][0]) >>> 0;
        cell.sums[side][1] = (cell.sums[side][1] + sums[side][1]) >>> 0;
      }
    }
  }
}
