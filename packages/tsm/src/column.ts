import { TsmError } from './errors';
import { copyWords, wordsOf } from './words';

/** The types of fields, by InfluxDB's own words. `unsigned` is read and written, although no 1.x server writes it by default. Format: docs/storage-engine.md, "Block". */
export type FieldType = 'float' | 'integer' | 'boolean' | 'string' | 'unsigned';

/**
 * Values of one field of one series with their times, as parallel arrays. Times ascend, and each occurs once.
 *
 * The arrays are longer than the column: only the first `length` entries count. A column that an iterator yields belongs to the
 * iterator, which uses its memory again for the next one: copy what you keep.
 */
export interface Column {
  readonly type: FieldType;
  readonly length: number;
  /** Nanoseconds since 1970. */
  readonly times: BigInt64Array;
  /** The memory of `times` as 32-bit words, two a time: much faster than `bigint` in loops. On a little-endian machine the low word is first. */
  readonly timeWords: Uint32Array;
  /** Columns with the same object here have the same times, so that these are checked and encoded once if the columns are written in turn. */
  readonly sameTimes?: object | undefined;
  /** The values of a `float` column. The next four arrays are views of the same memory: use the one that fits `type`. */
  readonly floats: Float64Array;
  /** The values of an `integer` column. */
  readonly integers: BigInt64Array;
  /** The values of an `unsigned` column. */
  readonly unsigneds: BigUint64Array;
  /** The values of a `float`, `integer` or `unsigned` column as 32-bit words, two a value. */
  readonly valueWords: Uint32Array;
  /** The values of a `boolean` column: 0 or 1. */
  readonly booleans: Uint8Array;
  /** The bytes of a `string` column: value `i` is `text.subarray(starts[i], ends[i])`. Starts ascend; bytes between values mean nothing. */
  readonly text: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** One value, as JavaScript has it. A string is its bytes, because InfluxDB does not check that they are UTF-8. */
export type ColumnValue = number | bigint | boolean | Uint8Array;

/** Returns value `i` of a column. In a loop over many values, read the array that fits the type. */
export function valueAt(column: Column, i: number): ColumnValue {
  // `i` is below `length`, so that every array has an entry there.
  switch (column.type) {
    case 'float':
      return column.floats[i] as number;
    case 'integer':
      return column.integers[i] as bigint;
    case 'unsigned':
      return column.unsigneds[i] as bigint;
    case 'boolean':
      return column.booleans[i] === 1;
    case 'string':
      return column.text.subarray(column.starts[i], column.ends[i]);
  }
}

const noText = new Uint8Array(0);
const noOffsets = new Uint32Array(0);

/** Points from index `from` up to, and without, `to`. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

/** A column that can be filled, and filled again without another allocation. */
export class ColumnBuffer implements Column {
  type: FieldType;
  length = 0;
  times: BigInt64Array = new BigInt64Array(0);
  timeWords: Uint32Array = noOffsets;
  floats: Float64Array = new Float64Array(0);
  integers: BigInt64Array = this.times;
  unsigneds: BigUint64Array = new BigUint64Array(0);
  valueWords: Uint32Array = noOffsets;
  booleans: Uint8Array = noText;
  text: Uint8Array = noText;
  starts: Uint32Array = noOffsets;
  ends: Uint32Array = noOffsets;

  constructor(type: FieldType = 'float', capacity = 0) {
    this.type = type;
    this.reserve(capacity);
  }

  /** Empties the column, and makes it one of `type` with room for `capacity` values. */
  reset(type: FieldType, capacity: number): void {
    this.type = type;
    this.length = 0;
    this.reserve(capacity);
  }

  /** Makes room for `capacity` values. What the column holds stays. */
  reserve(capacity: number): void {
    if (capacity > this.times.length) {
      const { timeWords, valueWords, length } = this;
      this.#allocate(Math.max(capacity, Math.min(2 * length, length + 1_000_000)));
      this.timeWords.set(timeWords.subarray(0, 2 * length));
      this.valueWords.set(valueWords.subarray(0, 2 * length));
    }
    if (this.type === 'string' && capacity > this.starts.length) {
      const { starts, ends } = this;
      this.starts = new Uint32Array(this.times.length);
      this.ends = new Uint32Array(this.times.length);
      this.starts.set(starts);
      this.ends.set(ends);
    }
  }

  /** Adds one point at the end. Its time must be later than all before. `value` must fit the column's type. */
  push(timeNs: bigint, value: ColumnValue): void {
    const i = this.length;
    if (i === this.times.length || (this.type === 'string' && i === this.starts.length)) {
      this.reserve(Math.max(16, 2 * i));
    }
    this.times[i] = timeNs;
    switch (this.type) {
      case 'float':
        this.floats[i] = value as number;
        break;
      case 'integer':
        this.integers[i] = value as bigint;
        break;
      case 'unsigned':
        this.unsigneds[i] = value as bigint;
        break;
      case 'boolean':
        this.booleans[i] = value === true ? 1 : 0;
        break;
      case 'string':
        this.starts[i] = this.#addText(value as Uint8Array);
        this.ends[i] = (this.starts[i] as number) + (value as Uint8Array).length;
    }
    this.length = i + 1;
  }

  /** Adds the points from index `from` up to, and without, `to` of another column of the same type. */
  append(other: Column, from: number, to: number): void {
    const at = this.length;
    const count = to - from;
    if (count <= 0) return;
    if (at + count > this.times.length || (this.type === 'string' && at + count > this.starts.length)) {
      this.reserve(Math.max(at + count, 2 * at));
    }
    copyWords(other.timeWords, 2 * from, 2 * to, this.timeWords, 2 * at);
    if (this.type === 'boolean') this.booleans.set(other.booleans.subarray(from, to), at);
    else if (this.type !== 'string') copyWords(other.valueWords, 2 * from, 2 * to, this.valueWords, 2 * at);
    else {
      const start = other.starts[from] as number;
      const shift = this.#addText(other.text.subarray(start, other.ends[to - 1])) - start;
      for (let i = 0; i < count; i += 1) {
        this.starts[at + i] = (other.starts[from + i] as number) + shift;
        this.ends[at + i] = (other.ends[from + i] as number) + shift;
      }
    }
    this.length = at + count;
  }

  /** Removes the points from index `from` up to, and without, `to`. */
  remove(from: number, to: number): void {
    if (from < to) this.removeAll([{ from, to }]);
  }

  /** Removes the points of several cuts, which are in order, not empty, and do not overlap. Every point moves once at most. */
  removeAll(cuts: readonly Cut[]): void {
    const { length } = this;
    let at = cuts[0]?.from ?? length;
    for (const [i, { to }] of cuts.entries()) {
      const end = cuts[i + 1]?.from ?? length;
      this.#move(at, to, end);
      at += end - to;
    }
    this.length = at;
  }

  #move(at: number, from: number, to: number): void {
    this.timeWords.copyWithin(2 * at, 2 * from, 2 * to);
    if (this.type === 'boolean') this.booleans.copyWithin(at, from, to);
    else if (this.type !== 'string') this.valueWords.copyWithin(2 * at, 2 * from, 2 * to);
    else {
      this.starts.copyWithin(at, from, to);
      this.ends.copyWithin(at, from, to);
    }
  }

  /** Copies text behind the last value, and returns where it begins. */
  #addText(bytes: Uint8Array): number {
    const at = this.length === 0 ? 0 : (this.ends[this.length - 1] as number);
    const needed = at + bytes.length;
    if (needed > 0xffff_ffff)
      throw new TsmError('INVALID_POINTS', 'The strings of one column exceed 4 GiB. Write fewer at once.');
    if (needed > this.text.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.text.length, 256));
      grown.set(this.text.subarray(0, at));
      this.text = grown;
    }
    this.text.set(bytes, at);
    return at;
  }

  #allocate(capacity: number): void {
    this.times = new BigInt64Array(capacity);
    this.timeWords = wordsOf(this.times);
    this.floats = new Float64Array(capacity);
    const { buffer } = this.floats;
    this.integers = new BigInt64Array(buffer);
    this.unsigneds = new BigUint64Array(buffer);
    this.valueWords = new Uint32Array(buffer);
    this.booleans = new Uint8Array(buffer);
  }
}
