import type { BatchField } from '@ceres/tsm';
import { type Columns, type MeasurementKey, pointField } from '../digest/columns';
import { SeriesHash } from '../digest/series-hash';
import { cutSeriesKey } from '../digest/series-key';
import type { RecordShape } from '../scan/record-shape';

const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** Finds the measurement of a series by its key. Series come in the order of their keys, so that it is mostly that of the one before. */
export class StoredMeasurements {
  /** The offset in the key at which the name of the measurement ends. */
  nameEnd = 0;
  readonly #create: (name: string) => StoredMeasurement | undefined;
  readonly #known = new Map<string, StoredMeasurement | undefined>();
  #last: StoredMeasurement | undefined;
  #lastKey: Uint8Array = new Uint8Array(0);

  /** @param create is called once for each name */
  constructor(create: (name: string) => StoredMeasurement | undefined) {
    this.#create = create;
  }

  ofSeries(key: Uint8Array): StoredMeasurement | undefined {
    if (!this.#isOfLast(key)) {
      const { measurement: name, nameEnd } = cutSeriesKey(key);
      if (!this.#known.has(name)) this.#known.set(name, this.#create(name));
      this.#last = this.#known.get(name);
      this.nameEnd = nameEnd;
    }
    this.#lastKey = key;
    return this.#last;
  }

  /** Says whether the same bytes, and the end of a name, stand at the beginning of the key as in the one before. */
  #isOfLast(key: Uint8Array): boolean {
    const { nameEnd } = this;
    // A comma behind a backslash does not end a name.
    if (nameEnd === 0 || this.#lastKey[nameEnd - 1] === BACKSLASH) return false;
    if (key.length < nameEnd || (key.length > nameEnd && key[nameEnd] !== COMMA)) return false;
    for (let i = 0; i < nameEnd; i += 1) if (key[i] !== this.#lastKey[i]) return false;
    return true;
  }
}

/** The shapes of the points of a shard, in which every point has the same fields. */
export class StoredShapes {
  readonly #known = new Map<string, RecordShape>();

  of(pointColumn: number, columns: Int32Array): RecordShape {
    const key = columns.join();
    const known = this.#known.get(key) ?? { number: this.#known.size, pointColumn, columns };
    this.#known.set(key, known);
    return known;
  }
}

/** A measurement whose series are read, and the columns of its fields. Series mostly have the fields of the one before. */
export class StoredMeasurement {
  readonly hash: SeriesHash;
  readonly pointColumn: number;
  readonly #key: MeasurementKey;
  readonly #columns: Columns;
  readonly #shapes: StoredShapes;
  readonly #known = new Map<string, number>();
  #lastNames: readonly Uint8Array[] = [];
  #last = new Int32Array(0);
  #lastShape: RecordShape | undefined;

  constructor(key: MeasurementKey, columns: Columns, shapes: StoredShapes) {
    this.#key = key;
    this.#columns = columns;
    this.#shapes = shapes;
    this.hash = new SeriesHash(key);
    this.pointColumn = columns.numberOf(key, pointField);
  }

  /** Returns the numbers of the columns of fields. */
  columnsOf(fields: readonly BatchField[]): Int32Array {
    const names = this.#lastNames;
    let i = 0;
    while (i < fields.length && names[i] === fields[i]?.name) i += 1;
    if (i === fields.length && i === names.length) return this.#last;
    this.#lastNames = fields.map(({ name }) => name);
    this.#last = Int32Array.from(this.#lastNames, (name) => this.#columnOf(name));
    this.#lastShape = undefined;
    return this.#last;
  }

  /** Returns the shape of points that have all of these fields. */
  shapeOf(fields: readonly BatchField[]): RecordShape {
    const columns = this.columnsOf(fields);
    this.#lastShape ??= this.#shapes.of(this.pointColumn, columns);
    return this.#lastShape;
  }

  #columnOf(name: Uint8Array): number {
    const text = Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
    const column = this.#known.get(text) ?? this.#columns.numberOf(this.#key, text);
    this.#known.set(text, column);
    return column;
  }
}
