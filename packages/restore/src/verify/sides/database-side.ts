import type { Hash64 } from '@ceres/internal';
import { cell, quoted, type ServerConnection } from '../../server/connection';
import type { ComparedPolicy } from '../compared-policies';
import { type Columns, type MeasurementKey, pointField } from '../digest/columns';
import type { Grid } from '../digest/grid';
import { hashSeries, PointHash } from '../digest/point-hash';
import { readValue, type Value } from '../digest/value-hash';

export interface DatabaseSideSettings {
  readonly server: ServerConnection;
  readonly columns: Columns;
  readonly grid: Grid;
  /** Only points before this time are compared, ns. */
  readonly until: bigint | undefined;
}

interface Field {
  readonly name: string;
  /** InfluxDB's name of the type. */
  readonly type: string;
}

/** A value in the database. */
export interface StoredValue {
  readonly tags: Readonly<Record<string, string>>;
  readonly time: bigint;
  readonly field: string;
  readonly value: Value;
}

/** Reads from the database what the backup is compared with. */
export class DatabaseSide {
  readonly #settings: DatabaseSideSettings;

  constructor(settings: DatabaseSideSettings) {
    this.#settings = settings;
  }

  /** Counts the points that have each field. Fields that no point in the range has are left out. */
  async counts(policy: ComparedPolicy, measurement: MeasurementKey): Promise<ReadonlyMap<string, number>> {
    const fields = await this.#fields(policy, measurement);
    const counts = new Map<string, number>();
    if (fields.length === 0) return counts;
    const selected = fields.map(({ name }) => `COUNT(${quoted(name)}::field)`);
    const query = this.#select(selected, policy, measurement);
    // The answer is one row, but InfluxDB may take minutes for it. A stream waits longer than `ask` does.
    for await (const { values } of this.#settings.server.stream(policy.database, query)) {
      for (const [i, { name }] of fields.entries()) {
        const count = Number(values[i + 1] ?? 0);
        if (count > 0) counts.set(name, count);
      }
    }
    return counts;
  }

  /** Adds every value of a measurement to the grid. */
  async read(policy: ComparedPolicy, measurement: MeasurementKey): Promise<void> {
    const { columns, grid } = this.#settings;
    const fields = await this.#fields(policy, measurement);
    if (fields.length === 0) return;
    const numbers = fields.map(({ name }) => columns.numberOf(measurement, name));
    const pointColumn = columns.numberOf(measurement, pointField);
    const hash = new PointHash();
    const { content } = hash;
    let tags: unknown;
    let series: Hash64 = { hi: 0, lo: 0 };
    for await (const row of this.#rows(fields, policy, measurement)) {
      if (row.tags !== tags) {
        tags = row.tags;
        series = hashSeries(measurement, row.tags);
      }
      hash.begin(series, BigInt(row.values[0] ?? '0'));
      grid.add('database', pointColumn, hash.minute, 0, 0);
      for (const [i, { name, type }] of fields.entries()) {
        const text = row.values[i + 1];
        if (text === null || text === undefined) continue;
        hash.field(name, readValue(text, type));
        grid.add('database', numbers[i] ?? 0, hash.minute, content.hi, content.lo);
      }
    }
  }

  /** Reads every value of a measurement before a time. */
  async *values(policy: ComparedPolicy, measurement: MeasurementKey, until: bigint): AsyncGenerator<StoredValue> {
    const fields = await this.#fields(policy, measurement);
    if (fields.length === 0) return;
    for await (const { tags, values } of this.#rows(fields, policy, measurement, until)) {
      const time = BigInt(values[0] ?? '0');
      for (const [i, { name: field, type }] of fields.entries()) {
        const text = values[i + 1];
        if (text !== null && text !== undefined) yield { tags, time, field, value: readValue(text, type) };
      }
    }
  }

  /** Streams the points of a measurement, series by series. */
  #rows(fields: readonly Field[], policy: ComparedPolicy, measurement: MeasurementKey, until?: bigint) {
    const selected = fields.map(({ name }) => `${quoted(name)}::field`);
    const query = `${this.#select(selected, policy, measurement, until)} GROUP BY *`;
    return this.#settings.server.stream(policy.database, query);
  }

  async #fields({ database, name, exists }: ComparedPolicy, measurement: MeasurementKey): Promise<readonly Field[]> {
    if (!exists) return [];
    const query = `SHOW FIELD KEYS FROM ${quoted(name)}.${quoted(measurement.name)}`;
    const rows = await this.#settings.server.ask(database, query);
    const fields = new Map<string, Field>();
    // A field may have another type in another shard. InfluxDB then selects the type that it lists first.
    for (const row of rows) {
      const field = { name: cell(row, 'fieldKey'), type: cell(row, 'fieldType') };
      if (!fields.has(field.name)) fields.set(field.name, field);
    }
    return [...fields.values()];
  }

  #select(
    what: readonly string[],
    { name, from }: ComparedPolicy,
    measurement: MeasurementKey,
    until = this.#settings.until,
  ): string {
    // The query names both bounds. Otherwise InfluxDB reports 1970-01-01 as the time of a count, and stops at now.
    const where = [`time >= ${from ?? earliest}`, `time < ${until ?? latest}`].join(' AND ');
    return `SELECT ${what.join(', ')} FROM ${quoted(name)}.${quoted(measurement.name)} WHERE ${where}`;
  }
}

/** The range of InfluxDB's times: `models.MinNanoTime` and `MaxNanoTime`. */
const earliest = -9223372036854775806n;
const latest = 9223372036854775806n;
