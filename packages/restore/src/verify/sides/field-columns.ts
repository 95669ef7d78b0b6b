import { type Columns, type MeasurementKey, pointField } from '../digest/columns';

export interface FieldColumn {
  readonly name: string;
  readonly column: number;
  /** The name's bytes. */
  readonly raw: Buffer;
}

/**
 * The columns of one measurement, by the bytes of its field keys. Records of a measurement mostly have the same fields in
 * the same order, so each is first compared with the one that stood in its place before: no text is made of it.
 */
export class FieldColumns {
  readonly measurement: MeasurementKey;
  /** Of the points themselves. */
  readonly pointColumn: number;
  readonly #columns: Columns;
  readonly #lastAt: FieldColumn[] = [];

  constructor(measurement: MeasurementKey, columns: Columns) {
    this.measurement = measurement;
    this.#columns = columns;
    this.pointColumn = columns.numberOf(measurement, pointField);
  }

  /** Of the key without backslashes that stands in the record's `place`th field. */
  at(place: number, bytes: Buffer, start: number, end: number): FieldColumn {
    const last = this.#lastAt[place];
    if (last !== undefined && isSame(last.raw, bytes, start, end)) return last;
    const name = bytes.toString('utf8', start, end);
    const column = this.#columns.numberOf(this.measurement, name);
    const field = { name, column, raw: Buffer.from(bytes.subarray(start, end)) };
    this.#lastAt[place] = field;
    return field;
  }
}

/** Byte by byte: names are short, and a call of `compare` costs more. */
function isSame(raw: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (raw.length !== end - start) return false;
  for (let i = 0; i < raw.length; i += 1) if (raw[i] !== bytes[start + i]) return false;
  return true;
}
