import { type Columns, measurementKey, pointField } from './digest/columns';
import type { Grid } from './digest/grid';
import type { Mismatch } from './types';

const nanosecondsPerMinute = 60_000_000_000n;

interface Differing {
  readonly slices: Map<number, Set<string>>;
  readonly database: string;
  readonly retentionPolicy: string;
  readonly measurement: string;
}

export interface MismatchSettings {
  readonly instance: string;
  readonly columns: Columns;
  readonly grid: Grid;
  /** Whether values are compared, or only how many there are. */
  readonly digests: boolean;
  /** Nothing before it is compared, ns; by policy. */
  readonly comparedFrom: (database: string, retentionPolicy: string) => bigint | undefined;
}

/** What differs, by measurement and stretch of time; slices that follow each other are one stretch. */
export function mismatchesOf(settings: MismatchSettings): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (const differing of byMeasurement(settings)) {
    const slices = [...differing.slices.keys()].sort((a, b) => a - b);
    let first = 0;
    for (let i = 1; i <= slices.length; i += 1) {
      if (slices[i] === (slices[i - 1] ?? 0) + 1) continue;
      mismatches.push(stretch(settings, differing, slices.slice(first, i)));
      first = i;
    }
  }
  return mismatches;
}

function byMeasurement({ grid, columns, digests, comparedFrom }: MismatchSettings): Iterable<Differing> {
  const found = new Map<string, Differing>();
  for (const { column, slice } of grid.differences(digests)) {
    const { database, retentionPolicy, measurement, field } = columns.get(column);
    const from = comparedFrom(database, retentionPolicy);
    if (from !== undefined && startOf(grid, slice + 1) <= from) continue;
    const { key } = measurementKey(database, retentionPolicy, measurement);
    const differing = found.get(key) ?? { slices: new Map(), database, retentionPolicy, measurement };
    found.set(key, differing);
    const fields = differing.slices.get(slice) ?? new Set();
    differing.slices.set(slice, fields);
    if (field !== pointField) fields.add(field);
  }
  return found.values();
}

function stretch(settings: MismatchSettings, differing: Differing, slices: readonly number[]): Mismatch {
  const { instance, grid, columns } = settings;
  const { database, retentionPolicy, measurement } = differing;
  const points = columns.numberOf(measurementKey(database, retentionPolicy, measurement), pointField);
  const counts = grid.counts(points);
  const fields = new Set(slices.flatMap((slice) => [...(differing.slices.get(slice) ?? [])]));
  return {
    ...{ instance, database, retentionPolicy, measurement },
    fields: [...fields].sort(),
    from: startOf(grid, slices[0] ?? 0),
    to: startOf(grid, (slices.at(-1) ?? 0) + 1),
    inBackup: slices.reduce((sum, slice) => sum + (counts.get(slice)?.backup ?? 0), 0),
    inDatabase: slices.reduce((sum, slice) => sum + (counts.get(slice)?.database ?? 0), 0),
  };
}

function startOf(grid: Grid, slice: number): bigint {
  return BigInt(grid.minuteOf(slice)) * nanosecondsPerMinute;
}
