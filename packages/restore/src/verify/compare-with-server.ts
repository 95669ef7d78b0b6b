import { shown } from '@ceres/influx-http/internal';
import { RestoreError } from '../errors';
import { type ResolvedSelection, selectsPoints } from '../options/selection';
import type { ResolvedComparison } from '../options/verify';
import type { PlanSource } from '../plan/plan';
import { refuseUnknownMeasurements } from '../plan/unknown-measurements';
import { timeText } from '../plan/unmatched';
import type { FileReader } from '../read/read-file';
import { type ComparedPolicy, expiredBefore } from './compared-policies';
import { findDifferingPoints } from './differing-points';
import { policyDigests } from './digest/policy-digests';
import { findMismatches } from './mismatches';
import { type ComparedSides, openSides } from './open-sides';
import { isSeedOnly, seedOnlyPolicies } from './seed-only';
import type { PointReader } from './sides/point-reader';
import { sumUpSides } from './sums/sum-up-sides';
import { isLost, type Mismatch, outcomeOf, type Verdict } from './verdict';

/** A verdict, and what it takes to look into it once more. */
export interface Comparison {
  readonly verdict: Verdict;
  /** The mismatches with raw names. */
  readonly mismatches: readonly Mismatch[];
  readonly sides: ComparedSides;
  readonly reader: FileReader;
  readonly points: PointReader;
}

/**
 * Compares a backup with a database in memory that does not grow with either.
 *
 * It reads the backup once, in replay order, and keeps the last write of every value. The database's values are summed up
 * as they stream in; for `counts` only those of measurements whose totals differ, to find out when they differ.
 *
 * @throws StorageError; RestoreError `SERVER_…`, `SNAPSHOT_SERVICE`, `SCRATCH_FULL`
 */
export async function compareWithServer(source: PlanSource, options: ResolvedComparison): Promise<Verdict> {
  const { verdict, ...comparison } = await compareSides(source, options);
  if (options.pointsMax === 0) return verdict;
  const { mismatches, reader, points, sides } = comparison;
  const differingPoints = await findDifferingPoints(mismatches, {
    source,
    options,
    reader,
    points,
    policies: sides.policies,
  });
  return { ...verdict, differingPoints };
}

/** Compares as `compareWithServer` does, and names no points. */
export async function compareSides(source: PlanSource, options: ResolvedComparison): Promise<Comparison> {
  const { level, clock } = options;
  const { selection } = source;
  const { instance } = selection;
  const sides = await openSides(source, options);
  const { policies } = sides;
  const { columns, grid, reader, points, findings, seen, ...sums } = await sumUpSides(source, sides, options);
  await refuseUnseen(source, seen);
  const starts = new Map(
    policies.all().map((policy) => [`${policy.database}/${policy.name}`, comparedFromOf(policy, clock.now())]),
  );
  const seedOnly = seedOnlyPolicies(source, policies);
  const found = findMismatches({
    columns,
    grid,
    instance,
    digests: level === 'content',
    comparedFrom: (name, retentionPolicy) => starts.get(`${name}/${retentionPolicy}`),
  });
  const mismatches = found.filter((mismatch) => isLost(mismatch) || !isSeedOnly(mismatch, seedOnly));
  const shownMismatches = mismatches.map(showMismatch);
  const { notCompared } = sums;
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
    seedOnly,
    notCompared,
    comparedFrom: [...starts.values()].reduce(latestOf, undefined),
    points: sums.compared,
    findings,
    ...(options.digests && { digests: policyDigests(columns, grid) }),
  };
  if (verdict.points + mismatches.length + notCompared.length === 0) refuseNothing(selection, verdict.comparedFrom);
  return { verdict, mismatches, sides, reader, points };
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
