import { cell, quoted, type Target } from '../../server/connection';
import type { ComparedPolicy } from '../compared-policies';
import { type Columns, type MeasurementKey, pointField } from '../digest/columns';
import type { Grid } from '../digest/grid';
import type { Hash64 } from '../digest/hash64';
import { hashSeries, PointHash } from '../digest/point-hash';
import { readValue } from '../digest/value-hash';

export interface DatabaseSideSettings {
  readonly target: Target;
  readonly columns: Columns;
  readonly grid: Grid;
  /** Times of points end before it, ns. */
  readonly to: bigint | undefined;
}

interface Field {
  readonly name: string;
  /** In InfluxDB's words. */
  readonly type: string;
}

/** Asks the database for what the backup is compared with. */
export class DatabaseSide {
  readonly #settings: DatabaseSideSettings;

  constructor(settings: DatabaseSideSettings) {
    this.#settings = settings;
  }

  /** How many points have each field. Fields that no point in the range has are left out. */
  async counts(policy: ComparedPolicy, measurement: MeasurementKey): Promise<ReadonlyMap<string, number>> {
    const fields = await this.#fields(policy, measurement);
    const counts = new Map<string, number>();
    if (fields.length === 0) return counts;
    const selected = fields.map(({ name }) => `COUNT(${quoted(name)}::field)`);
    const query = this.#select(selected, policy, measurement);
    // It is one row, but InfluxDB may work on it for minutes: the patience for small questions is not for this one.
    for await (const { values } of this.#settings.target.stream(policy.database, query)) {
      for (const [i, { name }] of fields.entries()) {
        const count = Number(values[i + 1] ?? 0);
        if (count > 0) counts.set(name, count);
      }
    }
    return counts;
  }

  /** Adds every value to the grid. @returns how many points */
  async read(policy: ComparedPolicy, measurement: MeasurementKey): Promise<number> {
    const { target, columns, grid } = this.#settings;
    const fields = await this.#fields(policy, measurement);
    if (fields.length === 0) return 0;
    const numbers = fields.map(({ name }) => columns.numberOf(measurement, name));
    const pointColumn = columns.numberOf(measurement, pointField);
    const selected = fields.map(({ name }) => `${quoted(name)}::field`);
    const query = `${this.#select(selected, policy, measurement)} GROUP BY *`;
    const hash = new PointHash();
    const { key: _, content } = hash;
    let tags: unknown;
    let series: Hash64 = { hi: 0, lo: 0 };
    let points = 0;
    for await (const row of target.stream(policy.database, query)) {
      if (row.tags !== tags) {
        tags = row.tags;
        series = hashSeries(measurement, row.tags);
      }
      hash.begin(series, BigInt(row.values[0] ?? '0'));
      grid.add('database', pointColumn, hash.minute, 0, 0);
      points += 1;
      for (const [i, { name, type }] of fields.entries()) {
        const text = row.values[i + 1];
        if (text === null || text === undefined) continue;
        hash.field(name, readValue(text, type));
        grid.add('database', numbers[i] ?? 0, hash.minute, content.hi, content.lo);
      }
    }
    return points;
  }

  /** Every value of a measurement, up to a time. */
  async *values(policy: ComparedPolicy, measurement: MeasurementKey, to: bigint) {
    const fields = await this.#fields(policy, measurement);
    if (fields.length === 0) return;
    const selected = fields.map(({ name }) => `${quoted(name)}::field`);
    const query = `${this.#select(selected, policy, measurement, to)} GROUP BY *`;
    for await (const { tags, values } of this.#settings.target.stream(policy.database, query)) {
      const time = BigInt(values[0] ?? '0');
      for (const [i, { name: field, type }] of fields.entries()) {
        const text = values[i + 1];
        if (text !== null && text !== undefined) yield { tags, time, field, value: readValue(text, type) };
      }
    }
  }

  async #fields({ database, name, exists }: ComparedPolicy, measurement: MeasurementKey): Promise<readonly Field[]> {
    if (!exists) return [];
    const query = `SHOW FIELD KEYS FROM ${quoted(name)}.${quoted(measurement.name)}`;
    const rows = await this.#settings.target.ask(database, query);
    const fields = new Map<string, Field>();
    // Of a field that has several types, in several shards, InfluxDB selects the first it lists.
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
    to = this.#settings.to,
  ): string {
    // Without a lower bound InfluxDB answers counts for 1970-01-01 and stops at now: both are said.
    const where = [`time >= ${from ?? earliest}`, `time < ${to ?? latest}`].join(' AND ');
    return `SELECT ${what.join(', ')} FROM ${quoted(name)}.${quoted(measurement.name)} WHERE ${where}`;
  }
}

/** Of InfluxDB's times, `models.MinNanoTime` and `MaxNanoTime`. */
const earliest = -9223372036854775806n;
const latest = 9223372036854775806n;
