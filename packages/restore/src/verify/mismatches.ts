import { nanosecondsPer } from '@ceres/lineproto';
import { compareText } from '../plan/order';
import { type Columns, measurementKey, pointField } from './digest/columns';
import type { Grid } from './digest/grid';
import type { Mismatch } from './verdict';

/** The differences in one measurement. */
interface MeasurementDifferences {
  /** The fields that differ, by slice. */
  readonly slices: Map<number, Set<string>>;
  readonly database: string;
  readonly retentionPolicy: string;
  readonly measurement: string;
}

export interface MismatchSettings {
  readonly instance: string;
  readonly columns: Columns;
  readonly grid: Grid;
  /** Compares the values if true, and only their numbers if false. */
  readonly digests: boolean;
  /** Returns the time before which nothing of a policy is compared, ns. */
  readonly comparedFrom: (database: string, retentionPolicy: string) => bigint | undefined;
}

/**
 * Finds what differs by measurement and stretch of time, in the order of names and times. Slices that follow each other become one stretch.
 */
export function findMismatches(settings: MismatchSettings): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const { grid, columns } = settings;
  for (const differences of byMeasurement(settings)) {
    const { database, retentionPolicy, measurement } = differences;
    const counts = grid.counts(columns.numberOf(measurementKey(database, retentionPolicy, measurement), pointField));
    const slices = [...differences.slices.keys()].sort((a, b) => a - b);
    let first = 0;
    for (let i = 1; i <= slices.length; i += 1) {
      if (slices[i] === (slices[i - 1] ?? 0) + 1) continue;
      mismatches.push(toMismatch(settings, differences, slices.slice(first, i), counts));
      first = i;
    }
  }
  return mismatches;
}

function byMeasurement({ grid, columns, digests, comparedFrom }: MismatchSettings): Iterable<MeasurementDifferences> {
  const found = new Map<string, MeasurementDifferences>();
  for (const { column, slice } of grid.differences(digests)) {
    const { database, retentionPolicy, measurement, field } = columns.get(column);
    const from = comparedFrom(database, retentionPolicy);
    if (from !== undefined && startOf(grid, slice + 1) <= from) continue;
    const { key } = measurementKey(database, retentionPolicy, measurement);
    const differences = found.get(key) ?? { slices: new Map(), database, retentionPolicy, measurement };
    found.set(key, differences);
    const fields = differences.slices.get(slice) ?? new Set();
    differences.slices.set(slice, fields);
    if (field !== pointField) fields.add(field);
  }
  const keys = [...found.keys()].sort(compareText);
  return keys.map((key) => found.get(key) as MeasurementDifferences);
}

function toMismatch(
  { instance, grid }: MismatchSettings,
  differences: MeasurementDifferences,
  slices: readonly number[],
  counts: ReturnType<Grid['counts']>,
): Mismatch {
  const { database, retentionPolicy, measurement } = differences;
  const fields = new Set(slices.flatMap((slice) => [...(differences.slices.get(slice) ?? [])]));
  const totals = { inBackup: 0, inDatabase: 0, missing: 0, extra: 0, differentMax: 0 };
  for (const slice of slices) {
    const { backup, database: stored } = counts.get(slice) ?? { backup: 0, database: 0 };
    totals.inBackup += backup;
    totals.inDatabase += stored;
    totals.missing += Math.max(0, backup - stored);
    totals.extra += Math.max(0, stored - backup);
    if (backup === stored) totals.differentMax += backup;
  }
  return {
    instance,
    database,
    retentionPolicy,
    measurement,
    fields: [...fields].sort(),
    from: startOf(grid, slices[0] ?? 0),
    until: startOf(grid, (slices.at(-1) ?? 0) + 1),
    ...totals,
  };
}

function startOf(grid: Grid, slice: number): bigint {
  return BigInt(grid.minuteOf(slice)) * nanosecondsPer.m;
}
