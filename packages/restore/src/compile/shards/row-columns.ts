import { type Column, type FieldType, HIGH, LOW } from '@ceres/tsm';
import { ROW_TIME, ROW_VALUES, type ShapeRows } from '../rows/shape-rows';
import { typeAt } from '../rows/shard-rows';
import type { TextHeap } from '../rows/text-heap';

/** The times of several columns. */
class SharedTimes {
  times = new BigInt64Array(0);
  words = new Uint32Array(0);
  /** Stands for what they are at the moment. */
  current: object = {};

  begin(length: number): void {
    this.current = {};
    if (length <= this.times.length) return;
    this.times = new BigInt64Array(2 * length);
    this.words = new Uint32Array(this.times.buffer);
  }
}

/** A column whose values come from rows, and whose times are those of its neighbors. */
class RowColumn implements Column {
  type: FieldType = 'float';
  length = 0;
  times = new BigInt64Array(0);
  timeWords = new Uint32Array(0);
  sameTimes: object | undefined;
  floats = new Float64Array(0);
  integers = new BigInt64Array(0);
  unsigneds = new BigUint64Array(0);
  valueWords = new Uint32Array(0);
  booleans = new Uint8Array(0);
  text = new Uint8Array(0);
  starts = new Uint32Array(0);
  ends = new Uint32Array(0);

  begin(type: FieldType, length: number, { times, words, current }: SharedTimes): void {
    this.type = type;
    this.length = length;
    this.times = times;
    this.timeWords = words;
    this.sameTimes = current;
    if (length > this.floats.length) {
      this.floats = new Float64Array(2 * length);
      const { buffer } = this.floats;
      this.integers = new BigInt64Array(buffer);
      this.unsigneds = new BigUint64Array(buffer);
      this.valueWords = new Uint32Array(buffer);
      this.booleans = new Uint8Array(buffer);
    }
    if (type === 'string' && length > this.starts.length) {
      this.starts = new Uint32Array(2 * length);
      this.ends = new Uint32Array(2 * length);
    }
  }

  /** Turns the words of booleans and strings into what a column has of them. */
  finish(heap: TextHeap): void {
    const { type, length, booleans, valueWords } = this;
    if (type === 'string') this.#fillText(heap);
    // The booleans lie in the same memory, and not behind the words that are read.
    else if (type === 'boolean') for (let i = 0; i < length; i += 1) booleans[i] = valueWords[2 * i] === 0 ? 0 : 1;
  }

  #fillText(heap: TextHeap): void {
    const { length, valueWords, starts, ends } = this;
    let needed = 0;
    for (let i = 0; i < length; i += 1) needed += valueWords[2 * i + 1] as number;
    if (this.text.length < needed) this.text = new Uint8Array(needed);
    let at = 0;
    for (let i = 0; i < length; i += 1) {
      const address = valueWords[2 * i] as number;
      const from = heap.offsetOf(address);
      const end = from + (valueWords[2 * i + 1] as number);
      this.text.set(heap.chunkAt(address).subarray(from, end), at);
      starts[i] = at;
      at += end - from;
      ends[i] = at;
    }
  }
}

/** Fills columns from rows. Its memory is used again for one series after another. */
export class RowColumns {
  readonly #heap: TextHeap;
  readonly #times = new SharedTimes();
  readonly #columns: RowColumn[] = [];

  constructor(heap: TextHeap) {
    this.#heap = heap;
  }

  /**
   * Returns a column for each field of a shape, with the values of some of its rows. The next call uses their memory again.
   *
   * @param order the numbers of rows, in the order of their times, of each time one
   */
  fill(rows: ShapeRows, order: Uint32Array): readonly Column[] {
    const { chunks, shift, mask, rowWords, shape } = rows;
    const { length } = order;
    const columns = this.#begin(shape.names.length, (field) => typeAt(shape, field), length);
    const into = columns.map(({ valueWords }) => valueWords);
    const times = this.#times.words;
    for (let i = 0; i < length; i += 1) {
      const row = order[i] as number;
      const chunk = chunks[row >>> shift] as Uint32Array;
      let at = (row & mask) * rowWords;
      times[2 * i + LOW] = chunk[at + ROW_TIME] as number;
      times[2 * i + HIGH] = chunk[at + ROW_TIME + 1] as number;
      at += ROW_VALUES;
      for (let field = 0; field < into.length; field += 1, at += 2) {
        const words = into[field] as Uint32Array;
        words[2 * i] = chunk[at] as number;
        words[2 * i + 1] = chunk[at + 1] as number;
      }
    }
    for (const column of columns) column.finish(this.#heap);
    return columns;
  }

  /** Returns the column of one field, whose values lie in rows of several shapes. */
  fillOne(type: FieldType, values: readonly RowValue[]): Column {
    const [column] = this.#begin(1, () => type, values.length) as [RowColumn];
    for (const [i, { rows, row, field }] of values.entries()) {
      const { chunks, shift, mask, rowWords } = rows;
      const chunk = chunks[row >>> shift] as Uint32Array;
      const at = (row & mask) * rowWords;
      this.#times.words[2 * i + LOW] = chunk[at + ROW_TIME] as number;
      this.#times.words[2 * i + HIGH] = chunk[at + ROW_TIME + 1] as number;
      column.valueWords[2 * i] = chunk[at + ROW_VALUES + 2 * field] as number;
      column.valueWords[2 * i + 1] = chunk[at + ROW_VALUES + 2 * field + 1] as number;
    }
    column.finish(this.#heap);
    return column;
  }

  #begin(fields: number, typeOf: (field: number) => FieldType, length: number): RowColumn[] {
    this.#times.begin(length);
    return Array.from({ length: fields }, (_, field) => {
      const column = this.#columns[field] ?? new RowColumn();
      this.#columns[field] = column;
      column.begin(typeOf(field), length, this.#times);
      return column;
    });
  }
}

/** The place of a value: a field of a row. */
export interface RowValue {
  readonly rows: ShapeRows;
  readonly row: number;
  readonly field: number;
}
