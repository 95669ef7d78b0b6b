import type { ResolvedComparison } from '../options/verify';
import { compareText } from '../plan/order';
import { inReplayOrder, type PlanSource } from '../plan/plan';
import { type FileFinding, findingsMax } from '../read/finding';
import { ServerConnection } from '../server/connection';
import { ComparedPolicies, type ComparedPolicy, expiredBefore } from './compared-policies';
import { findDifferingPoints } from './differing-points';
import { Columns, type MeasurementKey, measurementKey, pointField } from './digest/columns';
import { Grid } from './digest/grid';
import { LastWrites } from './digest/last-writes';
import { findMismatches } from './mismatches';
import { BackupSide } from './sides/backup-side';
import { DatabaseSide } from './sides/database-side';
import type { Verdict } from './verdict';

/** How long a server that does not answer is asked again. */
const patienceMs = 60_000;

/** The sums of both sides. */
interface Sums {
  readonly columns: Columns;
  readonly grid: Grid;
}

/**
 * Compares a backup with a database in memory that does not grow with either.
 *
 * It reads the backup once, in replay order, and keeps the last write of every value. The database's values are summed up
 * as they stream in; for `counts` only those of measurements whose totals differ, to find out when they differ.
 *
 * @throws StorageError; RestoreError `SERVER_…`
 */
export async function compareWithServer(source: PlanSource, options: ResolvedComparison): Promise<Verdict> {
  const { level, clock } = options;
  const { until, signal, measurements } = source.selection;
  const server = await ServerConnection.connect(options.to, { patienceMs, clock, signal });
  const policies = await ComparedPolicies.read(source, server, options.map, clock.now());
  const sums: Sums = { columns: new Columns(), grid: new Grid() };
  const findings = await sumUpBackup(source, options, policies, sums);
  let points = 0;
  const database = new DatabaseSide({ ...sums, server, until });
  for (const policy of policies.all()) {
    for (const name of await measurementsOf(policy, server, sums.columns)) {
      if (measurements?.has(name) === false) continue;
      const measurement = measurementKey(policy.database, policy.name, name);
      points += sums.grid.total('backup', sums.columns.numberOf(measurement, pointField));
      if (level === 'counts' && (await hasEqualCounts(database, policy, measurement, sums))) continue;
      await database.read(policy, measurement);
    }
  }
  const starts = new Map(
    policies.all().map((policy) => [`${policy.database}/${policy.name}`, comparedFromOf(policy, clock.now())]),
  );
  const mismatches = findMismatches({
    ...sums,
    instance: source.selection.instance,
    digests: level === 'content',
    comparedFrom: (name, retentionPolicy) => starts.get(`${name}/${retentionPolicy}`),
  });
  const comparedFrom = [...starts.values()].reduce(latest, undefined);
  const verdict = { level, equal: mismatches.length === 0, mismatches, comparedFrom, points, findings };
  if (options.pointsMax === 0) return verdict;
  const differingPoints = await findDifferingPoints(mismatches, { source, options, policies, database });
  return { ...verdict, differingPoints };
}

async function sumUpBackup(
  source: PlanSource,
  { map, precision, scratchDir }: ResolvedComparison,
  policies: ComparedPolicies,
  { columns, grid }: Sums,
): Promise<FileFinding[]> {
  const { selection } = source;
  const writes = new LastWrites(scratchDir);
  const findings: FileFinding[] = [];
  try {
    const side = new BackupSide({ selection, precision, policies, columns, writes });
    for await (const file of inReplayOrder(source, (database) => map.database(database))) {
      const finding = await side.read(file);
      if (finding !== undefined && findings.length < findingsMax) findings.push(finding);
    }
    await writes.visitLast((column, minute, hi, lo) => grid.add('backup', column, minute, hi, lo));
    return findings;
  } finally {
    await writes.remove();
  }
}

/** Returns the names of the measurements that either side has. */
async function measurementsOf(policy: ComparedPolicy, server: ServerConnection, columns: Columns): Promise<string[]> {
  const names = columns.measurements(policy.database, policy.name);
  if (policy.exists) for (const name of await server.measurements(policy.database)) names.add(name);
  return [...names].sort(compareText);
}

/** Compares the totals of a measurement. If they are equal, the slices forget its columns. */
async function hasEqualCounts(
  database: DatabaseSide,
  policy: ComparedPolicy,
  measurement: MeasurementKey,
  { columns, grid }: Sums,
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

function latest(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? b : a;
}

/** Returns the time from which a policy was compared. Points may have expired since the comparison began. */
function comparedFromOf(policy: ComparedPolicy, nowMs: number): bigint | undefined {
  return latest(policy.from, expiredBefore(policy, nowMs));
}
