import type { ResolvedComparison } from '../options/verify';
import type { ComparedPolicies, ComparedPolicy } from './compared-policies';
import { measurementKey } from './digest/columns';
import { presentTags } from './digest/point-hash';
import type { Value } from './digest/value-hash';
import { type BackupValuesSettings, readBackupValues, valueKey } from './sides/backup-values';
import type { DatabaseSide, StoredValue } from './sides/database-side';
import type { DifferingPoint, Mismatch } from './verdict';

export interface DifferingPointsSettings extends BackupValuesSettings {
  readonly options: Pick<ResolvedComparison, 'map' | 'precision' | 'pointsMax'>;
  readonly database: DatabaseSide;
}

/**
 * Finds the first values that differ, up to a number, in the stretches of time in which a comparison has found mismatches.
 * It reads both sides once more, but only what lies in a stretch.
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
  const stretch = {
    policy,
    measurement,
    from,
    until: end !== undefined && end < mismatch.until ? end : mismatch.until,
  };
  const backup = await readBackupValues(stretch, settings);
  const found: DifferingPoint[] = [];
  const add = (value: Omit<StoredValue, 'value'>, inBackup: Value | undefined, inDatabase: Value | undefined) => {
    const { time, field } = value;
    const tags = Object.fromEntries(presentTags(value.tags));
    found.push({ instance, database, retentionPolicy, measurement, tags, time, field, inBackup, inDatabase });
  };
  const key = measurementKey(policy.database, policy.name, measurement);
  for await (const stored of settings.database.values({ ...policy, from }, key, backup.until)) {
    const name = valueKey(stored);
    const own = backup.values.get(name);
    backup.values.delete(name);
    if (own === undefined || !Object.is(own.value, stored.value)) add(stored, own?.value, stored.value);
    if (found.length >= settings.options.pointsMax) return found;
  }
  for (const own of backup.values.values()) add(own, own.value, undefined);
  return found;
}
