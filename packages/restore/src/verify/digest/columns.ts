/** A field of a measurement in one policy of the target; '' stands for the points themselves, whatever their fields. */
export interface Column {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly measurement: string;
  readonly field: string;
}

/** Of a point itself. No field has an empty name. */
export const pointField = '';

/** Numbers for columns, so that entries need not carry names. */
export class Columns {
  readonly #columns: Column[] = [];
  readonly #numbers = new Map<string, Map<string, number>>();

  /** @param measurement as `measurementKey` makes it */
  numberOf(measurement: MeasurementKey, field: string): number {
    let fields = this.#numbers.get(measurement.key);
    if (fields === undefined) {
      fields = new Map();
      this.#numbers.set(measurement.key, fields);
    }
    let number = fields.get(field);
    if (number === undefined) {
      number = this.#columns.length;
      fields.set(field, number);
      const { database, retentionPolicy, name } = measurement;
      this.#columns.push({ database, retentionPolicy, measurement: name, field });
    }
    return number;
  }

  get(number: number): Column {
    const column = this.#columns[number];
    if (column === undefined) throw new RangeError(`no column ${number}`);
    return column;
  }

  /** Those of a measurement, by number. */
  of(measurement: MeasurementKey): ReadonlyMap<string, number> {
    return this.#numbers.get(measurement.key) ?? new Map();
  }

  /** The measurements known of one policy. */
  measurements(database: string, retentionPolicy: string): Set<string> {
    const own = this.#columns.filter((c) => c.database === database && c.retentionPolicy === retentionPolicy);
    return new Set(own.map(({ measurement }) => measurement));
  }
}

export interface MeasurementKey {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly name: string;
  readonly key: string;
}

export function measurementKey(database: string, retentionPolicy: string, name: string): MeasurementKey {
  return { database, retentionPolicy, name, key: JSON.stringify([database, retentionPolicy, name]) };
}
