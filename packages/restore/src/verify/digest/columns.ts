/** A field of a measurement in one policy of the server. The empty field stands for the points, whatever their fields. */
export interface Column {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly measurement: string;
  readonly field: string;
}

/** The name of the column that counts points. It is free, because no field has an empty name. */
export const pointField = '';

/** Numbers the columns, so that millions of values can refer to them without names. */
export class Columns {
  readonly #columns: Column[] = [];
  readonly #numbers = new Map<string, Map<string, number>>();
  /** The names of measurements by policy. */
  readonly #measurements = new Map<string, Set<string>>();

  /** Returns the number of a column; a new column gets the next one. */
  numberOf(measurement: MeasurementKey, field: string): number {
    let fields = this.#numbers.get(measurement.key);
    if (fields === undefined) {
      fields = new Map();
      this.#numbers.set(measurement.key, fields);
      this.#addMeasurement(measurement);
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

  #addMeasurement({ database, retentionPolicy, name }: MeasurementKey): void {
    const policy = JSON.stringify([database, retentionPolicy]);
    const known = this.#measurements.get(policy);
    if (known === undefined) this.#measurements.set(policy, new Set([name]));
    else known.add(name);
  }

  get(number: number): Column {
    const column = this.#columns[number];
    if (column === undefined) throw new RangeError(`There is no column ${number}.`);
    return column;
  }

  /** Returns all columns in the order of their numbers. */
  all(): readonly Column[] {
    return this.#columns;
  }

  /** Returns the numbers of a measurement's columns, by field. */
  of(measurement: MeasurementKey): ReadonlyMap<string, number> {
    return this.#numbers.get(measurement.key) ?? new Map();
  }

  /** Returns the numbers of the columns that count points, of all measurements. */
  pointColumns(): number[] {
    return this.#columns.flatMap(({ field }, number) => (field === pointField ? [number] : []));
  }

  /** Returns the names of the measurements that have columns in one policy. */
  measurements(database: string, retentionPolicy: string): ReadonlySet<string> {
    return this.#measurements.get(JSON.stringify([database, retentionPolicy])) ?? new Set();
  }
}

/** A measurement of one policy of the server. */
export interface MeasurementKey {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly name: string;
  /** One string for all three names, unique to the measurement. */
  readonly key: string;
}

export function measurementKey(database: string, retentionPolicy: string, name: string): MeasurementKey {
  return { database, retentionPolicy, name, key: JSON.stringify([database, retentionPolicy, name]) };
}
