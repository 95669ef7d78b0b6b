/** The types of values, as `TypedRow.types` has them. */
export const valueTypes = { none: 0, float: 1, integer: 2, boolean: 3, string: 4 } as const;

/** A value as MessagePack carries it: a `number` is a float, a `bigint` an integer, and a string has one character for each byte. */
export type RawValue = number | bigint | boolean | string;

const scratch = new DataView(new ArrayBuffer(8));

/**
 * One row of an answer as raw bits, so that millions of rows can be hashed without an object for each value. One object is
 * reused for all rows: a visitor must take what it needs before it returns.
 */
export class TypedRow {
  /** One of `valueTypes` for each column. */
  readonly types: Uint8Array;
  /** The upper 32 bits of a float or an integer; where a string begins in `bytes`. */
  readonly highs: Uint32Array;
  /** The lower 32 bits of a float or an integer; where a string ends in `bytes`; 1 for true. */
  readonly lows: Uint32Array;
  /** The bytes that strings lie in. */
  bytes: Buffer = Buffer.alloc(0);

  constructor(columns: number) {
    this.types = new Uint8Array(columns);
    this.highs = new Uint32Array(columns);
    this.lows = new Uint32Array(columns);
  }

  /** Returns the value of a column, or `undefined` if the row has none. */
  value(i: number): RawValue | undefined {
    const high = this.highs[i] ?? 0;
    const low = this.lows[i] ?? 0;
    scratch.setUint32(0, high);
    scratch.setUint32(4, low);
    switch (this.types[i]) {
      case valueTypes.float:
        return scratch.getFloat64(0);
      case valueTypes.integer:
        return scratch.getBigInt64(0);
      case valueTypes.boolean:
        return low === 1;
      case valueTypes.string:
        return this.bytes.toString('latin1', high, low);
      default:
        return undefined;
    }
  }

  setNone(i: number): void {
    this.types[i] = valueTypes.none;
  }

  setFloat(i: number, high: number, low: number): void {
    this.#set(i, valueTypes.float, high, low);
  }

  setNumber(i: number, value: number): void {
    scratch.setFloat64(0, value);
    this.setFloat(i, scratch.getUint32(0), scratch.getUint32(4));
  }

  /** Sets an integer by its halves; of each, the lower 32 bits count. */
  setInteger(i: number, high: number, low: number): void {
    this.#set(i, valueTypes.integer, high, low);
  }

  setBoolean(i: number, value: boolean): void {
    this.#set(i, valueTypes.boolean, 0, value ? 1 : 0);
  }

  setString(i: number, start: number, end: number): void {
    this.#set(i, valueTypes.string, start, end);
  }

  #set(i: number, type: number, high: number, low: number): void {
    this.types[i] = type;
    this.highs[i] = high;
    this.lows[i] = low;
  }
}
