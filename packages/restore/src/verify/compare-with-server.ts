import { RestoreError } from '../errors';
import { type ResolvedSelection, selectsPoints } from '../options/selection';
import type { ResolvedComparison } from '../options/verify';
import type { PlanSource } from '../plan/plan';
import { refuseUnknownMeasurements } from '../plan/unknown-measurements';
import { timeText } from '../plan/unmatched';
import { ServerWatch } from '../progress/server-watch';
import { Keeper } from '../read/copy/keeper';
import { FileReader } from '../read/read-file';
import { ServerConnection } from '../server/connection';
import { ComparedPolicies, type ComparedPolicy, expiredBefore } from './compared-policies';
import { findDifferingPoints } from './differing-points';
import { Columns } from './digest/columns';
import { Grid } from './digest/grid';
import { shown } from './digest/raw-text';
import { findMismatches } from './mismatches';
import { DatabaseSide } from './sides/database-side';
import { PolicyShards } from './sides/policy-shards';
import { sumUpBackup } from './sum-up-backup';
import { sumUpDatabase } from './sum-up-database';
import { type Mismatch, outcomeOf, type Verdict } from './verdict';

/** How long a server that does not answer is asked again. */
const patienceMs = 60_000;

/**
 * Compares a backup with a database in memory that does not grow with either.
 *
 * It reads the backup once, in replay order, and keeps the last write of every value. The database's values are summed up
 * as they stream in; for `counts` only those of measurements whose totals differ, to find out when they differ.
 *
 * @throws StorageError; RestoreError `SERVER_…`
 */
export async function compareWithServer(source: PlanSource, options: ResolvedComparison): Promise<Verdict> {
  const { level, clock, steps, onServer } = options;
  const { until, signal, instance } = source.selection;
  const watch = new ServerWatch(clock, patienceMs, (event) => onServer?.(event));
  const server = await ServerConnection.connect(options.to, { patienceMs, clock, signal, watch });
  const policies = await ComparedPolicies.read(source, server, options.map, clock.now());
  const sums = { columns: new Columns(), grid: new Grid() };
  const onBytes = (bytes: number) => steps.add('files', bytes);
  const reader = new FileReader(source.selection, new Keeper(options.scratchDir), onBytes);
  steps.begin('files', source.bytes);
  const backup = await sumUpBackup(source, { ...options, reader, policies, ...sums });
  const shards = await PolicyShards.read(server, until);
  const onPoints = (points: number) => steps.add('database', points);
  const database = new DatabaseSide({ ...sums, server, shards, onPoints });
  const { selection } = source;
  const summary = await sumUpDatabase(policies, { level, selection, server, database, shards, steps, ...sums });
  await refuseUnseen(source, summary.seen);
  const notCompared = [...backup.notCompared, ...summary.notCompared];
  const starts = new Map(
    policies.all().map((policy) => [`${policy.database}/${policy.name}`, comparedFromOf(policy, clock.now())]),
  );
  const mismatches = findMismatches({
    ...sums,
    instance,
    digests: level === 'content',
    comparedFrom: (name, retentionPolicy) => starts.get(`${name}/${retentionPolicy}`),
  });
  const shownMismatches = mismatches.map(showMismatch);
  const outcome = outcomeOf(shownMismatches, notCompared);
  const verdict = {
    level,
    outcome,
    equal: outcome === 'EQUAL',
    mismatches: shownMismatches,
    absentPolicies: policies
      .all()
      .filter(({ exists }) => !exists)
      .map(({ database: name, name: retentionPolicy }) => ({ instance, database: name, retentionPolicy })),
    notCompared,
    comparedFrom: [...starts.values()].reduce(latestOf, undefined),
    points: summary.points,
    findings: backup.findings,
  };
  if (summary.points + mismatches.length + notCompared.length === 0) refuseNothing(selection, verdict.comparedFrom);
  if (options.pointsMax === 0) return verdict;
  const differingPoints = await findDifferingPoints(mismatches, { source, options, policies, reader, database });
  return { ...verdict, differingPoints };
}

/** Refuses a selected measurement that neither side has: nothing would differ, and the verdict would be EQUAL. */
async function refuseUnseen(source: PlanSource, seen: ReadonlySet<string>): Promise<void> {
  const measurements = [...(source.selection.measurements ?? [])].filter((name) => !seen.has(name));
  if (measurements.length === 0) return;
  await refuseUnknownMeasurements({
    ...source,
    selection: { ...source.selection, measurements: new Set(measurements) },
  });
}

/** Refuses filters that leave no point to compare: a verdict of EQUAL would say nothing. */
function refuseNothing(selection: ResolvedSelection, comparedFrom: bigint | undefined): void {
  if (!selectsPoints(selection)) return;
  const { from } = selection;
  const isExpired = comparedFrom !== undefined && (from === undefined || comparedFrom > from);
  const todo = isExpired
    ? `Points before ${timeText(comparedFrom)} may have expired, and were not compared.`
    : 'Choose other times (from, until), or other measurements.';
  const what = 'Nothing was compared: neither the backup nor the database has a point that is selected';
  throw new RestoreError('NO_FILES', `${what}. ${todo}`);
}

function showMismatch(mismatch: Mismatch): Mismatch {
  return { ...mismatch, measurement: shown(mismatch.measurement), fields: mismatch.fields.map(shown) };
}

function latestOf(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? b : a;
}

/** Returns the time from which a policy was compared. Points may have expired since the comparison began. */
function comparedFromOf(policy: ComparedPolicy, nowMs: number): bigint | undefined {
  return latestOf(policy.from, expiredBefore(policy, nowMs));
}
