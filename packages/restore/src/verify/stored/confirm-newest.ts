import { NotExact, unreadable } from '@ceres/influx-http/internal';
import type { Clock } from '@ceres/internal';
import { nanosecondsPer } from '@ceres/lineproto';
import type { ComparedPolicies } from '../compared-policies';
import { type Columns, type MeasurementKey, measurementKey } from '../digest/columns';
import type { Grid } from '../digest/grid';
import type { DatabaseSide } from '../sides/database-side';

/** InfluxDB writes its cache into a file ten minutes after the last write, at the latest. */
const newestMinutes = 30;

export interface NewestSettings {
  readonly columns: Columns;
  readonly grid: Grid;
  readonly clock: Clock;
  /** Returns what reads the same database over HTTP into another grid. */
  readonly overHttp: (grid: Grid) => DatabaseSide;
}

/**
 * Reads what differs among the newest points over HTTP, and compares that. From 1.8 on, InfluxDB leaves out what it has only in memory if
 * another snapshot of a shard is being taken, and nothing in its answer says so.
 *
 * @throws RestoreError `SERVER_…`
 */
export async function confirmNewest(policies: ComparedPolicies, settings: NewestSettings): Promise<void> {
  const { columns, grid, overHttp } = settings;
  for (const { measurement, first, last } of newestDifferences(settings)) {
    const policy = policies.named(measurement.database, measurement.retentionPolicy);
    const names = columns.measurements(measurement.database, measurement.retentionPolicy);
    if (policy === undefined || unreadable(names).has(measurement.name)) continue;
    const [start, end] = [timeOf(grid, first), timeOf(grid, last + 1)];
    const from = policy.from !== undefined && policy.from > start ? policy.from : start;
    const again = grid.sibling();
    try {
      await overHttp(again).read({ ...policy, from }, measurement, end);
    } catch (error) {
      if (error instanceof NotExact) continue;
      throw error;
    }
    grid.replaceDatabase(again, new Set(columns.of(measurement).values()), first, last);
  }
}

interface NewestDifference {
  readonly measurement: MeasurementKey;
  /** The first and the last slice that differ. */
  first: number;
  last: number;
}

function newestDifferences({ columns, grid, clock }: NewestSettings): Iterable<NewestDifference> {
  const fromMinute = clock.now() / 60_000 - newestMinutes;
  const found = new Map<string, NewestDifference>();
  for (const { column, slice } of grid.differences(true)) {
    if (grid.minuteOf(slice + 1) <= fromMinute) continue;
    const { database, retentionPolicy, measurement: name } = columns.get(column);
    const measurement = measurementKey(database, retentionPolicy, name);
    const known = found.get(measurement.key);
    if (known === undefined) found.set(measurement.key, { measurement, first: slice, last: slice });
    else {
      known.first = Math.min(known.first, slice);
      known.last = Math.max(known.last, slice);
    }
  }
  return found.values();
}

function timeOf(grid: Grid, slice: number): bigint {
  return BigInt(grid.minuteOf(slice)) * nanosecondsPer.m;
}
