import { Cells, type CellsContent } from './cells';

/** One of the two sides that are compared. */
export type Side = 'backup' | 'database';

/** A column and a slice in which the sides differ. */
export interface Difference {
  readonly column: number;
  readonly slice: number;
}

/** A grid as it goes from one thread to another. */
export interface GridContent {
  readonly shift: number;
  readonly cells: CellsContent;
  readonly totals: Readonly<Record<Side, readonly number[]>>;
}

/** The number of cells, of about 60 bytes each, beyond which every two slices are merged into one. */
const cellsMaxDefault = 200_000;
/** The cells that each column keeps even if there are more columns than cells. The longest slices leave no fewer. */
const columnCellsMin = 2;
/** Minutes are 32-bit numbers: there are two slices of 2^31 minutes, and a shift by 32 would shift by nothing. */
const shiftMax = 31;

/**
 * Sums the values up by column (a field of a measurement) and time slice: for each side their number, and a digest that ignores their order. A
 * slice is a minute at first. When there are too many, every two become one, which sums allow: the size never exceeds `cellsMax` or
 * twice the number of columns.
 */
export class Grid {
  #cells = new Cells();
  #shift = 0;
  readonly #totals: Record<Side, number[]> = { backup: [], database: [] };
  readonly #cellsMax: number;

  constructor(cellsMax = cellsMaxDefault) {
    this.#cellsMax = cellsMax;
  }

  static of({ shift, cells, totals }: GridContent): Grid {
    const grid = new Grid();
    grid.#shift = shift;
    grid.#cells = Cells.of(cells);
    grid.#totals.backup.push(...totals.backup);
    grid.#totals.database.push(...totals.database);
    return grid;
  }

  content(): GridContent {
    return { shift: this.#shift, cells: this.#cells.content(), totals: this.#totals };
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
    this.addMany(side, column, minute, 1, hi, lo);
  }

  /**
   * Adds several values of a minute.
   *
   * @param hi the sum of the upper halves of their hashes; only its lower 32 bits count, also of `lo`
   */
  addMany(side: Side, column: number, minute: number, count: number, hi: number, lo: number): void {
    this.#cells.add(side === 'backup' ? 0 : 1, column, this.#sliceOf(minute), count, hi, lo);
    const totals = this.#totals[side];
    totals[column] = (totals[column] ?? 0) + count;
    if (this.#shift < shiftMax && this.#cells.size > this.#limit()) this.#coarsen();
  }

  /**
   * Adds the backup's side to another grid.
   *
   * @param columnOf returns the number that a column has in the other grid
   */
  addTo(other: Grid, columnOf: (column: number) => number): void {
    const numbers = this.#totals.backup.map((_, column) => columnOf(column));
    while (other.#shift < this.#shift) other.#coarsen();
    const shift = other.#shift - this.#shift;
    const { columns, slices, counts, sums } = this.#cells;
    this.#cells.visit((cell) => {
      const column = numbers[columns[cell] as number] as number;
      const slice = (slices[cell] as number) >>> shift;
      other.#cells.add(
        0,
        column,
        slice,
        counts[2 * cell] as number,
        sums[4 * cell] as number,
        sums[4 * cell + 1] as number,
      );
    });
    const totals = other.#totals.backup;
    for (const [column, number] of numbers.entries()) {
      totals[number] = (totals[number] ?? 0) + (this.#totals.backup[column] ?? 0);
    }
    while (other.#shift < shiftMax && other.#cells.size > other.#limit()) other.#coarsen();
  }

  /** Returns an empty grid of the same slices, which it keeps. */
  sibling(): Grid {
    const sibling = new Grid(Infinity);
    sibling.#shift = this.#shift;
    return sibling;
  }

  /** Takes the database's side of some columns in some slices, from the first to the last, from a sibling. */
  replaceDatabase(sibling: Grid, columns: ReadonlySet<number>, first: number, last: number): void {
    for (const from of [this, sibling]) {
      const { columns: all, slices, counts, sums } = from.#cells;
      from.#cells.visit((cell) => {
        const [column, slice] = [all[cell] as number, slices[cell] as number];
        if (!columns.has(column) || slice < first || slice > last) return;
        const sign = from === this ? -1 : 1;
        const [hi, lo] = [sums[4 * cell + 2] as number, sums[4 * cell + 3] as number];
        this.#cells.add(1, column, slice, sign * (counts[2 * cell + 1] as number), sign * hi, sign * lo);
      });
    }
  }

  /** Returns the number of a column's values over all slices. */
  total(side: Side, column: number): number {
    return this.#totals[side][column] ?? 0;
  }

  /** Returns the number of a column's values on each side, by slice. */
  counts(column: number): Map<number, Readonly<Record<Side, number>>> {
    const { columns, slices, counts } = this.#cells;
    const found = new Map<number, Readonly<Record<Side, number>>>();
    this.#cells.visit((cell) => {
      if (columns[cell] !== column) return;
      found.set(slices[cell] as number, {
        backup: counts[2 * cell] as number,
        database: counts[2 * cell + 1] as number,
      });
    });
    return found;
  }

  /** Returns what one side's values of each column are summed up to, over all slices: their number, and two sums modulo 2^32. */
  sums(side: Side): Map<number, { count: number; hi: number; lo: number }> {
    const { columns, counts, sums } = this.#cells;
    const found = new Map<number, { count: number; hi: number; lo: number }>();
    const at = side === 'backup' ? 0 : 1;
    this.#cells.visit((cell) => {
      const count = counts[2 * cell + at] as number;
      if (count === 0) return;
      const column = columns[cell] as number;
      const sum = found.get(column) ?? { count: 0, hi: 0, lo: 0 };
      sum.count += count;
      sum.hi = (sum.hi + (sums[4 * cell + 2 * at] as number)) >>> 0;
      sum.lo = (sum.lo + (sums[4 * cell + 2 * at + 1] as number)) >>> 0;
      found.set(column, sum);
    });
    return found;
  }

  /** Finds where the counts differ or, with `digests`, the content; in no particular order. */
  differences(digests: boolean): Difference[] {
    const { columns, slices, counts, sums } = this.#cells;
    const found: Difference[] = [];
    this.#cells.visit((cell) => {
      const sameCount = counts[2 * cell] === counts[2 * cell + 1];
      const sameSums = sums[4 * cell] === sums[4 * cell + 2] && sums[4 * cell + 1] === sums[4 * cell + 3];
      if (sameCount && (!digests || sameSums)) return;
      found.push({ column: columns[cell] as number, slice: slices[cell] as number });
    });
    return found;
  }

  /** Forgets the slices of columns that are known to be equal. */
  forget(columns: ReadonlySet<number>): void {
    this.#cells = this.#cells.mapped((column, slice) => (columns.has(column) ? undefined : slice));
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

  #coarsen(): void {
    this.#shift += 1;
    this.#cells = this.#cells.mapped((_, slice) => slice >>> 1);
  }
}
