import { shown, unreadable } from '@ceres/influx-http/internal';
import type { ResolvedSelection } from '../../options/selection';
import { compareText } from '../../plan/order';
import type { Steps } from '../../progress/steps';
import type { ServerConnection } from '../../server/connection';
import type { ComparedPolicies, ComparedPolicy } from '../compared-policies';
import { type Columns, type MeasurementKey, measurementKey, pointField } from '../digest/columns';
import type { Grid } from '../digest/grid';
import type { DatabaseSide } from '../sides/database-side';
import { reasonNotToCompare } from '../sides/not-comparable';
import type { PolicyShards } from '../sides/policy-shards';
import type { NotCompared } from '../verdict';

export interface DatabaseSettings {
  readonly level: 'counts' | 'content';
  readonly selection: ResolvedSelection;
  readonly server: ServerConnection;
  readonly database: DatabaseSide;
  readonly shards: PolicyShards;
  readonly steps: Steps;
  readonly columns: Columns;
  readonly grid: Grid;
}

/** What the comparison of the database's measurements has shown, apart from the sums. */
export interface DatabaseSummary {
  /** The points of the backup that were compared. */
  readonly points: number;
  readonly notCompared: readonly NotCompared[];
  /** The measurements that the server has, and those of the selection that the backup has. */
  readonly seen: ReadonlySet<string>;
}

/**
 * Adds the database's values to the sums, measurement by measurement. A measurement that cannot be compared is named, and the
 * comparison goes on without it.
 *
 * @throws RestoreError `SERVER_…`
 */
export async function sumUpDatabase(policies: ComparedPolicies, settings: DatabaseSettings): Promise<DatabaseSummary> {
  const { selection, columns, grid, shards, steps } = settings;
  const notCompared: NotCompared[] = [];
  const seen = new Set<string>();
  let points = 0;
  let done = 0;
  const inBackup = columns.pointColumns().reduce((sum, column) => sum + grid.total('backup', column), 0);
  steps.begin('database', inBackup);
  for (const policy of policies.all()) {
    const { instance } = selection;
    const place = { instance, database: policy.database, retentionPolicy: policy.name, side: 'database' as const };
    const names = await measurementsOf(policy, settings);
    const reasons = unreadable(names);
    for (const name of [...names].sort(compareText)) {
      seen.add(shown(name));
      if (selection.measurements?.has(shown(name)) === false) continue;
      const measurement = measurementKey(policy.database, policy.name, name);
      const own = grid.total('backup', columns.numberOf(measurement, pointField));
      const reason = reasons.get(name) ?? (await compareMeasurement(policy, measurement, settings));
      done += own;
      steps.set('database', done);
      if (reason === undefined) points += own;
      else {
        grid.forget(new Set(columns.of(measurement).values()));
        notCompared.push({ ...place, measurement: shown(name), reason });
      }
    }
    if (await shards.haveChanged(policy)) {
      notCompared.push({ ...place, reason: 'InfluxDB created or dropped shards while it was compared: compare again' });
    }
  }
  return { points, notCompared, seen };
}

/** Returns the raw names of the measurements that either side has. */
async function measurementsOf(policy: ComparedPolicy, { columns, server }: DatabaseSettings): Promise<Set<string>> {
  const names = new Set(columns.measurements(policy.database, policy.name));
  const rows = policy.exists ? await server.askBytes(policy.database, 'SHOW MEASUREMENTS') : [];
  for (const { values } of rows) names.add(values[0] ?? '');
  return names;
}

/** Returns why a measurement cannot be compared; `undefined` if its values were added, or are known to be equal. */
async function compareMeasurement(
  policy: ComparedPolicy,
  measurement: MeasurementKey,
  settings: DatabaseSettings,
): Promise<string | undefined> {
  try {
    if (settings.level === 'counts' && (await hasEqualCounts(policy, measurement, settings))) return undefined;
    await settings.database.read(policy, measurement);
    return undefined;
  } catch (error) {
    return reasonNotToCompare(error);
  }
}

/** Compares the totals of a measurement. If they are equal, the slices forget its columns. */
async function hasEqualCounts(
  policy: ComparedPolicy,
  measurement: MeasurementKey,
  { database, columns, grid }: DatabaseSettings,
): Promise<boolean> {
  const counts = await database.counts(policy, measurement);
  const fields = columns.of(measurement);
  for (const name of new Set([...counts.keys(), ...fields.keys()])) {
    if (name === pointField) continue;
    const inBackup = grid.total('backup', columns.numberOf(measurement, name));
    if (inBackup !== (counts.get(name) ?? 0)) return false;
  }
  grid.forget(new Set(fields.values()));
  return true;
}
