import { NotExact } from '@ceres/influx-http/internal';
import { ColumnBuffer, type ColumnValue, type FieldType, type PointBatch } from '@ceres/tsm';

/** The most points in a batch. */
const batchPoints = 1_000;

/** A field of the points so far. */
interface GrowingField {
  readonly name: Uint8Array;
  readonly column: ColumnBuffer;
  /** The index of each point's value; a point after the last one has none. */
  readonly rows: number[];
}

/** Gathers points of one series after another into batches. */
export class BatchBuilder {
  readonly #onBatch: (batch: PointBatch) => void;
  #seriesKey: Uint8Array = new Uint8Array(0);
  #times: bigint[] = [];
  #fields = new Map<string, GrowingField>();

  /** @param onBatch takes each batch; its memory is not used again */
  constructor(onBatch: (batch: PointBatch) => void) {
    this.#onBatch = onBatch;
  }

  /** Begins a series, or goes on with it. */
  series(seriesKey: Uint8Array): void {
    if (Buffer.compare(seriesKey, this.#seriesKey) === 0) return;
    this.end();
    this.#seriesKey = seriesKey;
  }

  /** Begins a point. Its time is later than that of the point before. */
  point(timeNs: bigint): void {
    if (this.#times.length === batchPoints) this.end();
    this.#times.push(timeNs);
  }

  /**
   * Adds a value to the point.
   *
   * @param name the raw name of the field
   * @throws NotExact
   */
  value(name: string, type: FieldType, value: ColumnValue): void {
    const at = this.#times.length - 1;
    const field = this.#fieldOf(name, type);
    const time = this.#times[at] as bigint;
    field.rows[at] = field.column.length;
    field.column.push(time, value);
  }

  /** Hands over what was gathered. */
  end(): void {
    const { length } = this.#times;
    if (length === 0) return;
    const times = BigInt64Array.from(this.#times);
    const fields = [...this.#fields.values()]
      .sort((a, b) => Buffer.compare(a.name, b.name))
      .map(({ name, column, rows }) => {
        const { type } = column;
        return { name, type, column, rows: Int32Array.from({ length }, (_, i) => rows[i] ?? -1) };
      });
    const timeWords = new Uint32Array(times.buffer);
    this.#times = [];
    this.#fields = new Map();
    this.#onBatch({ seriesKey: this.#seriesKey, length, times, timeWords, fields });
  }

  #fieldOf(name: string, type: FieldType): GrowingField {
    const known = this.#fields.get(name);
    if (known !== undefined && known.column.type === type) return known;
    if (known !== undefined) throw new NotExact('the answer has values of two types in one field');
    const field = { name: Buffer.from(name, 'latin1'), column: new ColumnBuffer(type), rows: [] };
    this.#fields.set(name, field);
    return field;
  }
}
