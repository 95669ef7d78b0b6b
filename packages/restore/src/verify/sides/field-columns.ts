import { type Columns, type MeasurementKey, pointField } from '../digest/columns';

/** A field and the number of its column. */
export interface FieldColumn {
  readonly name: string;
  readonly column: number;
  /** The bytes of the name. */
  readonly raw: Buffer;
}

/**
 * Finds the columns of one measurement by the bytes of its field keys. Most records of a measurement have the same fields
 * in the same order, so each key is first compared with the last one in its place, which creates no string.
 */
export class FieldColumns {
  readonly measurement: MeasurementKey;
  /** The column that counts points. */
  readonly pointColumn: number;
  readonly #columns: Columns;
  readonly #lastAt: FieldColumn[] = [];

  constructor(measurement: MeasurementKey, columns: Columns) {
    this.measurement = measurement;
    this.#columns = columns;
    this.pointColumn = columns.numberOf(measurement, pointField);
  }

  /** Returns the column of a field key without backslashes, which is in the record's field number `place`. */
  at(place: number, bytes: Buffer, start: number, end: number): FieldColumn {
    const last = this.#lastAt[place];
    if (last !== undefined && isSame(last.raw, bytes, start, end)) return last;
    const name = bytes.toString('latin1', start, end);
    const column = this.#columns.numberOf(this.measurement, name);
    const field = { name, column, raw: Buffer.from(bytes.subarray(start, end)) };
    this.#lastAt[place] = field;
    return field;
  }
}

/** Compares byte by byte: names are short, and a call of `compare` costs more. */
function isSame(raw: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (raw.length !== end - start) return false;
  for (let i = 0; i < raw.length; i += 1) if (raw[i] !== bytes[start + i]) return false;
  return true;
}
