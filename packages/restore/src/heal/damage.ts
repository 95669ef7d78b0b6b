import { type RawValue, shown } from '@ceres/influx-http/internal';
import { RestoreError } from '../errors';
import type { Comparison } from '../verify/compare-with-server';
import type { ComparedPolicy } from '../verify/compared-policies';
import { withFiles } from '../verify/differing-points';
import { measurementKey } from '../verify/digest/columns';
import { presentTags, type Tag } from '../verify/digest/point-hash';
import {
  type BackupValue,
  type BackupValuesSettings,
  type PointRange,
  type RangeValues,
  takeBackupValues,
  valueKey,
} from '../verify/sides/backup-values';
import type { Mismatch } from '../verify/verdict';

/** The damaged values that memory holds. */
const valuesMax = 250_000;

/** A value that the database lacks, or has another one for. */
export interface DamagedValue {
  readonly policy: ComparedPolicy;
  /** The raw name. */
  readonly measurement: string;
  readonly backup: BackupValue;
  /** What the database has. */
  readonly stored: RawValue | undefined;
  /** True if the database has no value of this point. */
  readonly isMissingPoint: boolean;
}

/** A value of the database that the backup has not, or has with another type. Names are raw. */
export interface ForeignValue {
  readonly policy: ComparedPolicy;
  readonly measurement: string;
  readonly tags: readonly Tag[];
  readonly time: bigint;
  readonly field: string;
  readonly stored: RawValue;
  /** What the backup has; absent where it has nothing. */
  readonly inBackup?: RawValue;
}

/** What differs in the stretches of time in which a comparison has found something. */
export interface Damage {
  /** The damaged values, by what tells them apart. */
  readonly values: Map<string, DamagedValue>;
  /** Values that only the database has; of very many, the first ones. */
  readonly extra: Map<string, ForeignValue>;
  /** Values of another type than in the backup; of very many, the first ones. */
  readonly changedTypes: Map<string, ForeignValue>;
}

export function noDamage(): Damage {
  return { values: new Map(), extra: new Map(), changedTypes: new Map() };
}

/** The number of values of a measurement of which it is not known how they differ. */
export interface UnjudgedValues {
  readonly where: { readonly database: string; readonly retentionPolicy: string; readonly measurement: string };
  readonly values: number;
}

export interface DamageSettings extends BackupValuesSettings {
  readonly points: Comparison['points'];
  /** Returns whether a policy is known from a seed alone: values that were written again are no damage there. */
  readonly isSeedOnly: (policy: ComparedPolicy) => boolean;
}

/** Damage, and the ranges that it was looked for in. */
export interface FoundDamage {
  readonly damage: Damage;
  readonly ranges: readonly PointRange[];
  /** What was left for later, as there were too many values for memory. */
  readonly rest: readonly PointRange[];
}

/** Returns the ranges of points in which a comparison has found something. */
export function rangesOf(mismatches: readonly Mismatch[], { source, policies }: BackupValuesSettings): PointRange[] {
  const { until: end } = source.selection;
  return mismatches.flatMap(({ database, retentionPolicy = '', measurement, from, until }) => {
    const policy = policies.named(database, retentionPolicy);
    if (policy === undefined) return [];
    const first = policy.from !== undefined && policy.from > from ? policy.from : from;
    const last = end !== undefined && end < until ? end : until;
    return first < last ? [{ policy, measurement, from: first, until: last }] : [];
  });
}

/**
 * Reads both sides once more where they differ, and finds each value that is damaged, as far as memory holds them.
 *
 * @throws StorageError; RestoreError `SERVER_…`, `SNAPSHOT_SERVICE`
 */
export async function findDamage(ranges: readonly PointRange[], settings: DamageSettings): Promise<FoundDamage> {
  const damage = noDamage();
  const done: PointRange[] = [];
  const stack: (readonly PointRange[])[] = [ranges];
  while (damage.values.size <= valuesMax) {
    const read = await takeBackupValues(stack, settings);
    if (read === undefined) break;
    for (const one of read) {
      addTo(damage, await withFiles(settings, async (own) => await compareRange(one, own)));
      done.push(one.range);
    }
  }
  return { damage, ranges: done, rest: stack.toReversed().flat() };
}

/** Looks at ranges again: returns what was damaged before, and still is in some way. */
export async function lookAgain({ damage, ranges }: FoundDamage, settings: DamageSettings): Promise<Damage> {
  const now = noDamage();
  const stack: (readonly PointRange[])[] = [ranges];
  for (let read = await takeBackupValues(stack, settings); read; read = await takeBackupValues(stack, settings)) {
    for (const one of read) {
      const found = await withFiles(settings, async (own) => await compareRange(one, own));
      for (const [key, value] of found.values) if (damage.values.has(key)) now.values.set(key, value);
      for (const [key, value] of found.extra) if (damage.extra.has(key)) now.extra.set(key, value);
      for (const [key, value] of found.changedTypes) {
        if (damage.changedTypes.has(key)) now.changedTypes.set(key, value);
      }
    }
  }
  return now;
}

/** Returns the damage that is still as it was: neither side has changed, and no file that was stored since holds the value. */
export function unchanged(first: Damage, now: Damage): Damage {
  const same = [...now.values].filter(([key, { stored, backup }]) => {
    const then = first.values.get(key);
    return then !== undefined && Object.is(then.stored, stored) && Object.is(then.backup.value, backup.value);
  });
  return { ...now, values: new Map(same) };
}

/** Returns the values that a heal wrote although a newer one came at the same moment: the backup has that by now, and the database not. */
export function overtaken(written: Damage, now: Damage): Damage {
  const older = [...now.values].filter(([key, { stored }]) => {
    const then = written.values.get(key);
    return then !== undefined && Object.is(then.backup.value, stored);
  });
  return { ...noDamage(), values: new Map(older) };
}

/** Returns the values that differ and are not among those that are left: one side has changed since they were compared. */
export function changedSince(now: Damage, left: Damage): Damage {
  return { ...noDamage(), values: new Map([...now.values].filter(([key]) => !left.values.has(key))) };
}

/** Returns the values of which the database holds what it held before, and the backup still has another one. */
export function stillDifferent(then: Damage, now: Damage): Damage {
  const same = [...now.values].filter(([key, { stored }]) => {
    const before = then.values.get(key);
    return before !== undefined && Object.is(before.stored, stored);
  });
  return { ...noDamage(), values: new Map(same) };
}

/** Counts values by measurement. */
export function unjudged({ values }: Damage): readonly UnjudgedValues[] {
  const places = new Map<string, UnjudgedValues>();
  for (const { policy, measurement } of values.values()) {
    const where = { database: policy.database, retentionPolicy: policy.name, measurement: shown(measurement) };
    const counted = (places.get(JSON.stringify(where))?.values ?? 0) + 1;
    places.set(JSON.stringify(where), { where, values: counted });
  }
  return [...places.values()];
}

async function compareRange(
  { range: { policy, measurement, from, until }, values }: RangeValues,
  { points, isSeedOnly }: DamageSettings,
): Promise<Damage> {
  const found = noDamage();
  const key = measurementKey(policy.database, policy.name, measurement);
  const left = new Map(values);
  const present = new Set<string>();
  const keepsNewer = isSeedOnly(policy);
  const placeOf = (name: string) => JSON.stringify([key.key, name]);
  const add = (name: string, own: BackupValue, stored: RawValue | undefined, isMissingPoint: boolean) => {
    found.values.set(placeOf(name), { policy, measurement, backup: own, stored, isMissingPoint });
  };
  await points.visit({ ...policy, from }, key, until, ({ tags, time, fields }) => {
    const point = pointKey({ tags, time });
    for (const [field, value] of fields) {
      const name = valueKey({ tags, time, field });
      const own = left.get(name);
      left.delete(name);
      const foreign = { policy, measurement, tags, time, field, stored: value };
      if (own === undefined) {
        if (!keepsNewer && found.extra.size < valuesMax) found.extra.set(placeOf(name), foreign);
      } else if (!Object.is(own.value, value)) {
        if (typeof own.value !== typeof value)
          found.changedTypes.set(placeOf(name), { ...foreign, inBackup: own.value });
        else if (!keepsNewer) add(name, own, value, false);
      }
    }
    present.add(point);
    return true;
  });
  for (const [name, own] of left) add(name, own, undefined, !present.has(pointKey(own)));
  return found;
}

/** Returns a string that is unique to a point of a measurement. */
export function pointKey({ tags, time }: Pick<BackupValue, 'tags' | 'time'>): string {
  return JSON.stringify([presentTags(tags), String(time)]);
}

function addTo(all: Damage, one: Damage): void {
  for (const [key, value] of one.values) all.values.set(key, value);
  for (const [key, value] of one.extra) if (all.extra.size < valuesMax) all.extra.set(key, value);
  for (const [key, value] of one.changedTypes) if (all.changedTypes.size < valuesMax) all.changedTypes.set(key, value);
}

/** Returns the error for damage that is more than one heal may have. */
export function tooMany(): RestoreError {
  const what = `More than ${valuesMax.toLocaleString('en')} values differ, which is more than one heal holds in memory. Nothing was written`;
  const todo =
    'Heal a part at a time (databases, measurements, from, until: --db, --measurement, --from, --until), or restore with intoExisting (--into-existing)';
  return new RestoreError('HEAL_REFUSED', `${what}. ${todo}.`);
}
