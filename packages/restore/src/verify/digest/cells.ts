const sizeMin = 1024;

/** Cells as they go from one thread to another. */
export type CellsContent = Readonly<Pick<Cells, 'columns' | 'slices' | 'counts' | 'sums'>>;

/**
 * The values of columns in slices of time, for two sides: a hash table of open addressing in plain arrays, since a comparison adds to it
 * millions of times.
 */
export class Cells {
  /** The number of cells. */
  size = 0;
  /** The column of each cell. */
  columns: Int32Array = new Int32Array(sizeMin);
  slices: Uint32Array = new Uint32Array(sizeMin);
  /** The number of values in each cell, of each side. */
  counts: Float64Array = new Float64Array(2 * sizeMin);
  /** Two sums modulo 2^32 of each side. */
  sums: Uint32Array = new Uint32Array(4 * sizeMin);
  /** The number of a cell + 1 by its place. */
  #places = new Int32Array(2 * sizeMin);

  static of({ columns, slices, counts, sums }: CellsContent): Cells {
    const cells = new Cells();
    Object.assign(cells, { columns, slices, counts, sums, size: columns.length });
    cells.#rehash();
    return cells;
  }

  content(): CellsContent {
    const { size, columns, slices, counts, sums } = this;
    return {
      columns: columns.slice(0, size),
      slices: slices.slice(0, size),
      counts: counts.slice(0, 2 * size),
      sums: sums.slice(0, 4 * size),
    };
  }

  /** Adds values of a side: 0 or 1. */
  add(side: number, column: number, slice: number, count: number, hi: number, lo: number): void {
    const cell = this.#cellAt(column, slice);
    const at = 4 * cell + 2 * side;
    this.counts[2 * cell + side] = (this.counts[2 * cell + side] as number) + count;
    this.sums[at] = (this.sums[at] as number) + hi;
    this.sums[at + 1] = (this.sums[at + 1] as number) + lo;
  }

  visit(visitor: (cell: number) => void): void {
    for (let cell = 0; cell < this.size; cell += 1) visitor(cell);
  }

  /** Returns cells with other slices, of which those that become one are summed up; `undefined` leaves a cell out. */
  mapped(sliceOf: (column: number, slice: number) => number | undefined): Cells {
    const all = new Cells();
    this.visit((cell) => {
      const column = this.columns[cell] as number;
      const slice = sliceOf(column, this.slices[cell] as number);
      if (slice === undefined) return;
      for (const side of [0, 1]) {
        const at = 4 * cell + 2 * side;
        const count = this.counts[2 * cell + side] as number;
        all.add(side, column, slice, count, this.sums[at] as number, this.sums[at + 1] as number);
      }
    });
    return all;
  }

  #cellAt(column: number, slice: number): number {
    const mask = this.#places.length - 1;
    let place = placeOf(column, slice) & mask;
    for (let number = this.#places[place] as number; number !== 0; number = this.#places[place] as number) {
      if (this.columns[number - 1] === column && this.slices[number - 1] === slice) return number - 1;
      place = (place + 1) & mask;
    }
    return this.#create(column, slice, place);
  }

  #create(column: number, slice: number, place: number): number {
    const cell = this.size;
    if (cell === this.columns.length) this.#grow();
    this.columns[cell] = column;
    this.slices[cell] = slice;
    this.size += 1;
    if (2 * this.size > this.#places.length) this.#rehash();
    else this.#places[place] = this.size;
    return cell;
  }

  #grow(): void {
    const { columns, slices, counts, sums } = this;
    const size = Math.max(sizeMin, 2 * columns.length);
    this.columns = new Int32Array(size);
    this.columns.set(columns);
    this.slices = new Uint32Array(size);
    this.slices.set(slices);
    this.counts = new Float64Array(2 * size);
    this.counts.set(counts);
    this.sums = new Uint32Array(4 * size);
    this.sums.set(sums);
  }

  #rehash(): void {
    this.#places = new Int32Array(2 ** Math.ceil(Math.log2(4 * Math.max(sizeMin, this.size))));
    const mask = this.#places.length - 1;
    for (let cell = 0; cell < this.size; cell += 1) {
      let place = placeOf(this.columns[cell] as number, this.slices[cell] as number) & mask;
      while (this.#places[place] !== 0) place = (place + 1) & mask;
      this.#places[place] = cell + 1;
    }
  }
}

function placeOf(column: number, slice: number): number {
  const mixed = Math.imul(column, 0x9e3779b1) ^ Math.imul(slice, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
