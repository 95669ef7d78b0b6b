import { NotExact, type RawValue, shown } from '@ceres/influx-http/internal';
import type { ResolvedComparison } from '../options/verify';
import type { ComparedPolicy } from './compared-policies';
import { measurementKey } from './digest/columns';
import { presentTags } from './digest/point-hash';
import {
  type BackupValue,
  type BackupValuesSettings,
  type RangeValues,
  takeBackupValues,
  valueKey,
} from './sides/backup-values';
import type { PointReader } from './sides/point-reader';
import type { DifferingPoint, Mismatch } from './verdict';

export interface DifferingPointsSettings extends BackupValuesSettings {
  readonly options: Pick<ResolvedComparison, 'map' | 'precision' | 'pointsMax'>;
  readonly points: PointReader;
}

/**
 * Finds the first values that differ, up to a number, in the stretches of time in which a comparison has found mismatches.
 * It reads both sides once more, but only what lies in a stretch.
 *
 * @param mismatches with raw names
 */
export async function findDifferingPoints(
  mismatches: readonly Mismatch[],
  settings: DifferingPointsSettings,
): Promise<DifferingPoint[]> {
  const found: DifferingPoint[] = [];
  for (const mismatch of mismatches) {
    const left = settings.options.pointsMax - found.length;
    if (left <= 0) break;
    const policy = settings.policies.named(mismatch.database, mismatch.retentionPolicy ?? '');
    if (policy === undefined) continue;
    const differing = await withFiles(settings, async (own) => await differingIn(mismatch, policy, own));
    for (const one of differing.slice(0, left)) found.push(one);
  }
  return found;
}

/** Does a work again with the files of the server, where no query tells what it needs. */
export async function withFiles<T, S extends Pick<DifferingPointsSettings, 'points'>>(
  settings: S,
  work: (settings: S) => Promise<T>,
): Promise<T> {
  try {
    return await work(settings);
  } catch (error) {
    const { ofFiles } = settings.points;
    if (!(error instanceof NotExact) || ofFiles === undefined) throw error;
    return await work({ ...settings, points: ofFiles });
  }
}

async function differingIn(
  mismatch: Mismatch,
  policy: ComparedPolicy,
  settings: DifferingPointsSettings,
): Promise<DifferingPoint[]> {
  const { measurement } = mismatch;
  // A mismatch covers whole slices, but the comparison may begin or end inside one.
  const from = policy.from !== undefined && policy.from > mismatch.from ? policy.from : mismatch.from;
  const { until: end } = settings.source.selection;
  const range = { policy, measurement, from, until: end !== undefined && end < mismatch.until ? end : mismatch.until };
  const found: DifferingPoint[] = [];
  const stack = [[range]];
  while (found.length < settings.options.pointsMax) {
    const read = await takeBackupValues(stack, settings);
    if (read === undefined) break;
    for (const one of read) await addDiffering(found, one, mismatch, settings);
  }
  return found;
}

/** Adds the values of a range that differ, until there are enough. */
async function addDiffering(
  found: DifferingPoint[],
  { range: { policy, measurement, from, until }, values }: RangeValues,
  { instance, database, retentionPolicy = '' }: Mismatch,
  settings: DifferingPointsSettings,
): Promise<void> {
  const add = (
    at: Pick<BackupValue, 'tags' | 'time' | 'field'>,
    inBackup: RawValue | undefined,
    inDatabase: RawValue | undefined,
  ) => {
    found.push({
      instance,
      database,
      retentionPolicy,
      measurement: shown(measurement),
      tags: Object.fromEntries(presentTags(at.tags).map(([key, value]) => [shown(key), shown(value)])),
      time: at.time,
      field: shown(at.field),
      inBackup: shownValue(inBackup),
      inDatabase: shownValue(inDatabase),
    });
  };
  const key = measurementKey(policy.database, policy.name, measurement);
  await settings.points.visit({ ...policy, from }, key, until, ({ tags, time, fields }) => {
    for (const [field, value] of fields) {
      const name = valueKey({ tags, time, field });
      const own = values.get(name);
      values.delete(name);
      if (own === undefined || !Object.is(own.value, value)) add({ tags, time, field }, own?.value, value);
    }
    return found.length < settings.options.pointsMax;
  });
  if (found.length < settings.options.pointsMax) {
    for (const own of values.values()) add(own, own.value, undefined);
  }
}

export function shownValue(value: RawValue | undefined): RawValue | undefined {
  return typeof value === 'string' ? shown(value) : value;
}
