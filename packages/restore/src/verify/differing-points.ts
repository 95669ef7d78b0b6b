import type { RawValue } from '@ceres/influx-http/internal';
import type { ResolvedComparison } from '../options/verify';
import type { ComparedPolicies, ComparedPolicy } from './compared-policies';
import { measurementKey } from './digest/columns';
import { presentTags } from './digest/point-hash';
import { shown } from './digest/raw-text';
import { type BackupValue, type BackupValuesSettings, readBackupValues, valueKey } from './sides/backup-values';
import type { DatabaseSide } from './sides/database-side';
import type { DifferingPoint, Mismatch } from './verdict';

export interface DifferingPointsSettings extends BackupValuesSettings {
  readonly options: Pick<ResolvedComparison, 'map' | 'precision' | 'pointsMax'>;
  readonly database: DatabaseSide;
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
    const policy = policyOf(settings.policies, mismatch);
    if (policy !== undefined) found.push(...(await differingIn(mismatch, policy, settings)).slice(0, left));
  }
  return found;
}

function policyOf(policies: ComparedPolicies, { database, retentionPolicy }: Mismatch): ComparedPolicy | undefined {
  return policies.all().find((policy) => policy.database === database && policy.name === retentionPolicy);
}

async function differingIn(
  mismatch: Mismatch,
  policy: ComparedPolicy,
  settings: DifferingPointsSettings,
): Promise<DifferingPoint[]> {
  const { instance, database, retentionPolicy = '', measurement } = mismatch;
  // A mismatch covers whole slices, but the comparison may begin or end inside one.
  const from = policy.from !== undefined && policy.from > mismatch.from ? policy.from : mismatch.from;
  const { until: end } = settings.source.selection;
  const range = { policy, measurement, from, until: end !== undefined && end < mismatch.until ? end : mismatch.until };
  const backup = await readBackupValues(range, settings);
  const found: DifferingPoint[] = [];
  const add = (at: Omit<BackupValue, 'value'>, inBackup: RawValue | undefined, inDatabase: RawValue | undefined) => {
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
  await settings.database.visitPoints({ ...policy, from }, key, backup.until, ({ tags, time, fields }) => {
    for (const [field, value] of fields) {
      const name = valueKey({ tags, time, field });
      const own = backup.values.get(name);
      backup.values.delete(name);
      if (own === undefined || !Object.is(own.value, value)) add({ tags, time, field }, own?.value, value);
    }
    return found.length < settings.options.pointsMax;
  });
  if (found.length < settings.options.pointsMax) {
    for (const own of backup.values.values()) add(own, own.value, undefined);
  }
  return found;
}

function shownValue(value: RawValue | undefined): RawValue | undefined {
  return typeof value === 'string' ? shown(value) : value;
}
