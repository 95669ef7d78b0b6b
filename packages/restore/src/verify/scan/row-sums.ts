import type { Grid, Side } from '../digest/grid';
import type { RecordShape } from './record-shape';

/** The words of sums that all shapes hold together, of four bytes each. */
const wordsMax = 1024 * 1024;

/** The sums of the records of one shape: a row for each minute, with two words for each column. */
interface ShapeSums {
  readonly shape: RecordShape;
  /** The numbers of the rows by their minutes. */
  readonly rows: Map<number, number>;
  /** The records of each row. */
  records: number[];
  sums: Int32Array;
}

/**
 * Sums up the values of whole records before they go to a grid, which takes longer to find a place than to add: the columns of a record lie
 * side by side here, and one place is looked for instead of one for each value.
 */
export class RowSums {
  /** The sums of the shape and the minute that `moveTo` was called with. */
  sums: Int32Array = new Int32Array(0);
  /** The offset of their first word: there are two for each column of the shape, in its order. */
  at = 0;
  readonly #grid: Grid;
  readonly #side: Side;
  readonly #shapes: (ShapeSums | undefined)[] = [];
  readonly #wordsMax: number;
  #words = 0;

  /** @param max the words of sums in memory, as tests lower it */
  constructor(grid: Grid, side: Side, max: number = wordsMax) {
    this.#grid = grid;
    this.#side = side;
    this.#wordsMax = max;
  }

  /** Counts records of a shape in a minute. The caller adds their values to `sums`, from `at` on. */
  moveTo(shape: RecordShape, minute: number, records = 1): void {
    let own = this.#shapes[shape.number];
    let row = own?.rows.get(minute);
    if (own === undefined || row === undefined) {
      own = this.#withRoom(shape);
      row = own.rows.size;
      own.rows.set(minute, row);
      own.records.push(0);
    }
    own.records[row] = (own.records[row] as number) + records;
    this.sums = own.sums;
    this.at = 2 * shape.columns.length * row;
  }

  /** Adds all sums to the grid, and forgets them. */
  flush(): void {
    for (const own of this.#shapes) if (own !== undefined) this.#addToGrid(own);
    this.#shapes.length = 0;
    this.#words = 0;
  }

  /** Returns the sums of a shape with room for another row. */
  #withRoom(shape: RecordShape): ShapeSums {
    const width = Math.max(1, 2 * shape.columns.length);
    const known = this.#shapes[shape.number];
    if (known !== undefined && (known.rows.size + 1) * width <= known.sums.length) return known;
    const length = known === undefined ? 16 * width : 2 * known.sums.length;
    if (this.#words + length > this.#wordsMax) this.flush();
    const own = this.#shapes[shape.number] ?? { shape, rows: new Map(), records: [], sums: new Int32Array(0) };
    const larger = new Int32Array(own.rows.size === 0 ? 16 * width : length);
    larger.set(own.sums);
    this.#words += larger.length - own.sums.length;
    own.sums = larger;
    this.#shapes[shape.number] = own;
    return own;
  }

  #addToGrid({ shape: { columns, pointColumn }, rows, records, sums }: ShapeSums): void {
    for (const [minute, row] of rows) {
      const count = records[row] as number;
      this.#grid.addMany(this.#side, pointColumn, minute, count, 0, 0);
      let at = 2 * columns.length * row;
      for (const column of columns) {
        this.#grid.addMany(this.#side, column, minute, count, sums[at] as number, sums[at + 1] as number);
        at += 2;
      }
    }
  }
}
