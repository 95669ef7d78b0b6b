/** Which of the two that are compared. */
export type Side = 'backup' | 'database';

/** The entries of one column and time slice: how many, and an order-independent digest of them, of each side. */
interface Cell {
  readonly counts: Record<Side, number>;
  /** Sums modulo 2^32, two of each side. */
  readonly sums: Record<Side, [number, number]>;
}

/** A slice in which the sides differ. */
export interface Difference {
  readonly column: number;
  readonly slice: number;
}

/** Cells kept, about 200 bytes each: beyond, two slices become one. */
const cellsMaxDefault = 200_000;
/** More columns than cells: each keeps two all the same, which is what the longest slices of all come to. */
const columnCellsMin = 2;
/** Minutes are 32-bit numbers: of slices this long there are two, and a shift by 32 would be none. */
const shiftMax = 31;
const columnShift = 2 ** 32;

/**
 * Sums over columns (a measurement's field) and time slices. Slices begin as minutes and are doubled when there are too many,
 * which sums allow; so its size is bounded whatever is compared, by `cellsMax` or twice the number of columns.
 */
export class Grid {
  #cells = new Map<number, Cell>();
  #shift = 0;
  readonly #totals: Record<Side, number[]> = { backup: [], database: [] };
  readonly #cellsMax: number;

  constructor(cellsMax = cellsMaxDefault) {
    this.#cellsMax = cellsMax;
  }

  /** Of one slice, in minutes. */
  get sliceMinutes(): number {
    return 2 ** this.#shift;
  }

  /** @param minute since the epoch */
  add(side: Side, column: number, minute: number, hi: number, lo: number): void {
    const cell = this.#cellAt(column * columnShift + this.#sliceOf(minute));
    cell.counts[side] += 1;
    this.#totals[side][column] = (this.#totals[side][column] ?? 0) + 1;
    const sums = cell.sums[side];
    sums[0] = (sums[0] + hi) >>> 0;
    sums[1] = (sums[1] + lo) >>> 0;
    if (this.#shift < shiftMax && this.#cells.size > this.#limit()) this.#coarsen();
  }

  /** LastWrites of a column, over all slices. */
  total(side: Side, column: number): number {
    return this.#totals[side][column] ?? 0;
  }

  /** Of each side, by slice. */
  counts(column: number): Map<number, Readonly<Record<Side, number>>> {
    const counts = new Map<number, Readonly<Record<Side, number>>>();
    for (const [key, cell] of this.#cells) {
      if (Math.floor(key / columnShift) === column) counts.set(key % columnShift, cell.counts);
    }
    return counts;
  }

  /** Where the counts differ or, with `digests`, the content; in no order. */
  *differences(digests: boolean): Generator<Difference> {
    for (const [key, { counts, sums }] of this.#cells) {
      const sameCount = counts.backup === counts.database;
      const [a, b] = [sums.backup, sums.database];
      if (sameCount && (!digests || (a[0] === b[0] && a[1] === b[1]))) continue;
      yield { column: Math.floor(key / columnShift), slice: key % columnShift };
    }
  }

  /** These columns are equal, as is known without slices. */
  forget(columns: ReadonlySet<number>): void {
    for (const key of this.#cells.keys()) if (columns.has(Math.floor(key / columnShift))) this.#cells.delete(key);
  }

  /** The minute a slice begins with. */
  minuteOf(slice: number): number {
    return slice * this.sliceMinutes - 2 ** 31;
  }

  /** Below the number of columns no coarsening leads: it would only be tried again with every entry. */
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
