import {
  type PointVisitor,
  type RowVisitor,
  refuseJoinedTags,
  refuseTypesInOverlap,
  StoredPoints,
  type Stretch,
  selectFields,
  selectWithin,
  showFieldKeys,
  typesOfFields,
  valueTypes,
} from '@ceres/influx-http/internal';
import type { Hash64 } from '@ceres/internal';
import type { ServerConnection } from '../../server/connection';
import type { ComparedPolicy } from '../compared-policies';
import { type Columns, type MeasurementKey, pointField } from '../digest/columns';
import type { Grid } from '../digest/grid';
import { hashSeries, PointHash } from '../digest/point-hash';
import { cutTime } from '../digest/time-parts';
import { hashCell } from '../digest/value-hash';
import type { PolicyShards } from './policy-shards';

export interface DatabaseSideSettings {
  readonly server: ServerConnection;
  readonly columns: Columns;
  readonly grid: Grid;
  readonly shards: PolicyShards;
  /** Called for the points as they are read, for many at a time. */
  readonly onPoints?: (points: number) => void;
}

const pointsPerReport = 1_000;

/** Reads from the database what the backup is compared with, so that every value has the type that it has there. */
export class DatabaseSide {
  readonly #settings: DatabaseSideSettings;
  /** The fields of the policy that was read last. */
  #known: { readonly policy: string; readonly measurements: ReadonlyMap<string, boolean> } = {
    policy: '',
    measurements: new Map(),
  };

  constructor(settings: DatabaseSideSettings) {
    this.#settings = settings;
  }

  /**
   * Counts the points that have each field. Fields that no point in the range has are left out. A point that two shards hold is
   * counted twice.
   *
   * @throws NotExact; RestoreError `SERVER_…`
   */
  async counts(policy: ComparedPolicy, measurement: MeasurementKey): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const stretch of await this.#stretches(policy, measurement)) {
      let fields: readonly string[] = [];
      const visitor: RowVisitor = {
        series: ({ name, columns }) => {
          fields = name === measurement.name ? columns.map((column) => column.replace(/^count_/, '')) : [];
        },
        row: (row) => {
          for (const [i, field] of fields.entries()) {
            const count = i === 0 ? 0 : Number(row.value(i) ?? 0);
            if (count > 0) counts.set(field, (counts.get(field) ?? 0) + count);
          }
          return true;
        },
      };
      const query = selectWithin('COUNT(*::field)', policy.name, measurement.name, stretch);
      await this.#settings.server.visit(policy.database, query, visitor);
    }
    return counts;
  }

  /**
   * Adds every value of a measurement to the grid.
   *
   * @param until the first time after those that are read, ns. Default: the end of what is compared
   * @throws NotExact; RestoreError `SERVER_…`
   */
  async read(policy: ComparedPolicy, measurement: MeasurementKey, until?: bigint): Promise<void> {
    for (const stretch of await this.#stretches(policy, measurement, until)) {
      if (stretch.shards > 1) await this.#readPoints(policy, measurement, stretch);
      else await this.#query(policy, measurement, stretch, this.#adder(measurement));
    }
  }

  /**
   * Passes every point of a measurement in a range of time on.
   *
   * @throws NotExact; RestoreError `SERVER_…`
   */
  async visitPoints(
    policy: ComparedPolicy,
    measurement: MeasurementKey,
    until: bigint,
    visit: PointVisitor,
  ): Promise<void> {
    for (const stretch of await this.#stretches(policy, measurement, until)) {
      const points = new StoredPoints(visit);
      await this.#query(policy, measurement, stretch, points);
      if (points.end() === false) return;
    }
  }

  /** Returns a visitor that adds values in place, without making a text or a number of them. */
  #adder(measurement: MeasurementKey): RowVisitor {
    const { columns, grid, onPoints } = this.#settings;
    const pointColumn = columns.numberOf(measurement, pointField);
    const hash = new PointHash();
    const { content } = hash;
    let names: readonly string[] = [];
    let numbers: readonly number[] = [];
    let series: Hash64 = { hi: 0, lo: 0 };
    let unreported = 0;
    return {
      series: ({ tags, columns: current }) => {
        series = hashSeries(measurement, tags);
        if (names === current) return;
        names = current;
        numbers = current.map((name, i) => (i === 0 ? pointColumn : columns.numberOf(measurement, name)));
      },
      row: (row) => {
        hash.begin(series, row.highs[0] ?? 0, row.lows[0] ?? 0);
        grid.add('database', pointColumn, hash.minute, 0, 0);
        for (let i = 1; i < names.length; i += 1) {
          if (row.types[i] === valueTypes.none) continue;
          hashCell(row, i, hash.value);
          hash.hashedValue();
          grid.add('database', numbers[i] as number, hash.minute, content.hi, content.lo);
        }
        unreported += 1;
        if (unreported === pointsPerReport) {
          onPoints?.(unreported);
          unreported = 0;
        }
        return true;
      },
    };
  }

  async #readPoints(policy: ComparedPolicy, measurement: MeasurementKey, stretch: Stretch): Promise<void> {
    const { columns, grid } = this.#settings;
    const hash = new PointHash();
    const halves = { high: 0, low: 0 };
    const points = new StoredPoints(({ tags, time, fields }) => {
      cutTime(time, halves);
      hash.begin(hashSeries(measurement, tags), halves.high, halves.low);
      grid.add('database', columns.numberOf(measurement, pointField), hash.minute, 0, 0);
      for (const [field, value] of fields) {
        hash.field(value);
        const { hi, lo } = hash.content;
        grid.add('database', columns.numberOf(measurement, field), hash.minute, hi, lo);
      }
      return true;
    });
    await this.#query(policy, measurement, stretch, points);
    points.end();
  }

  /** Streams the points of a measurement, series by series. */
  async #query(
    policy: ComparedPolicy,
    measurement: MeasurementKey,
    stretch: Stretch,
    visitor: RowVisitor,
  ): Promise<void> {
    const query = selectFields(policy.name, measurement.name, stretch);
    let isOwn = true;
    await this.#settings.server.visit(policy.database, query, {
      series: (series) => {
        isOwn = series.name === measurement.name;
        if (!isOwn) return;
        refuseJoinedTags(series);
        visitor.series(series);
      },
      row: (row) => (isOwn ? visitor.row(row) : true),
    });
  }

  /**
   * Returns the stretches of time to ask for one by one. In a query over shards that have different types of one field, InfluxDB
   * converts some values and leaves out others; within one shard, a field has one type.
   */
  async #stretches(policy: ComparedPolicy, measurement: MeasurementKey, until?: bigint): Promise<readonly Stretch[]> {
    const { shards } = this.#settings;
    const whole = shards.whole(policy, until);
    if (whole.length === 0) return [];
    const types = await this.#fieldTypes(policy);
    const hasSeveralTypes = types.get(measurement.name) ?? (await this.#fieldTypesNow(policy)).get(measurement.name);
    if (hasSeveralTypes === undefined) return [];
    const stretches = shards.cut(policy, until);
    const most = stretches.reduce((count, { shards: own }) => Math.max(count, own), 0);
    refuseTypesInOverlap(hasSeveralTypes, most);
    if (most <= 1 && !hasSeveralTypes) return whole;
    shards.use(policy);
    return stretches;
  }

  /** Returns the measurements of a policy, and whether one of their fields has several types. The last answer is kept. */
  async #fieldTypes(policy: ComparedPolicy): Promise<ReadonlyMap<string, boolean>> {
    const isKnown = this.#known.policy === JSON.stringify([policy.database, policy.name]);
    return isKnown ? this.#known.measurements : await this.#fieldTypesNow(policy);
  }

  /** Asks again: a measurement that is not known may have come since. */
  async #fieldTypesNow({ database, name }: ComparedPolicy): Promise<ReadonlyMap<string, boolean>> {
    const rows = await this.#settings.server.askBytes(database, showFieldKeys(name));
    const measurements = typesOfFields(rows);
    this.#known = { policy: JSON.stringify([database, name]), measurements };
    return measurements;
  }
}
