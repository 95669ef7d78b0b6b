import { createHash } from 'node:crypto';
import { type RawValue, shown } from '@ceres/influx-http/internal';
import { countOf, cut } from '@ceres/internal';
import type { Damage, ForeignValue } from '../../heal/damage';
import type { ComparedPolicy } from '../../verify/compared-policies';
import { shownValue } from '../../verify/differing-points';
import { presentTags, type Tag } from '../../verify/digest/point-hash';
import type { WatchAlarm, WatchAlarmKind, WatchExample } from '../types';

/** The values that an alarm shows. */
const examplesMax = 5;
/** Names and strings of points are cut here: a measurement may have 64 KB, and a string more. */
export const shownMax = 200;
/** The tags of an example that are shown. */
const tagsMax = 20;

/** A value that is damaged, with raw names. */
export interface DamagedPlace {
  readonly kind: Extract<WatchAlarmKind, 'missing' | 'different' | 'extra' | 'changed-type'>;
  readonly policy: ComparedPolicy;
  readonly measurement: string;
  readonly tags: readonly Tag[];
  readonly time: bigint;
  readonly field: string;
  readonly inBackup: RawValue | undefined;
  readonly inDatabase: RawValue | undefined;
}

/** Lists what is damaged, value by value. */
export function* placesIn({ values, extra, changedTypes }: Damage): Generator<DamagedPlace> {
  for (const { policy, measurement, backup, stored } of values.values()) {
    const { tags, time, field, value } = backup;
    const kind = stored === undefined ? 'missing' : 'different';
    yield { kind, policy, measurement, tags, time, field, inBackup: value, inDatabase: stored };
  }
  for (const value of extra.values()) yield foreign('extra', value);
  for (const value of changedTypes.values()) yield foreign('changed-type', value);
}

function foreign(kind: 'extra' | 'changed-type', { stored, inBackup, ...place }: ForeignValue): DamagedPlace {
  return { kind, ...place, inBackup, inDatabase: stored };
}

/** Sums damaged values up: one alarm for each kind and measurement. */
export class ValueAlarms {
  readonly #instance: string;
  readonly #alarms = new Map<string, Counted>();

  constructor(instance: string) {
    this.#instance = instance;
  }

  add(place: DamagedPlace): void {
    const { kind, policy, measurement, time } = place;
    const name = [kind, policy.database, policy.name, nameOf(measurement)].map(encodeURIComponent).join('/');
    const known = this.#alarms.get(name);
    if (known === undefined) {
      const where = { database: policy.database, retentionPolicy: policy.name, measurement: shownName(measurement) };
      this.#alarms.set(name, {
        place: { kind, name, instance: this.#instance, ...where },
        fromNs: time,
        untilNs: time + 1n,
        values: 1,
        examples: [exampleOf(place)],
      });
      return;
    }
    if (time < known.fromNs) known.fromNs = time;
    if (time >= known.untilNs) known.untilNs = time + 1n;
    known.values += 1;
    if (known.examples.length < examplesMax) known.examples.push(exampleOf(place));
  }

  /** @param isAtLeast true if there are more values than were added */
  list(isAtLeast: boolean): WatchAlarm[] {
    return [...this.#alarms.values()].map(({ place, ...counted }) => ({
      ...place,
      ...counted,
      ...(isAtLeast && { isAtLeast }),
      reason: reasonOf({ ...place, ...counted, isAtLeast }),
    }));
  }
}

interface Counted {
  readonly place: Pick<WatchAlarm, 'name' | 'instance' | 'database' | 'retentionPolicy' | 'measurement'> & {
    readonly kind: DamagedPlace['kind'];
  };
  fromNs: bigint;
  untilNs: bigint;
  values: number;
  readonly examples: WatchExample[];
}

type Described = Pick<WatchAlarm, 'database' | 'retentionPolicy' | 'measurement'> & {
  readonly kind: DamagedPlace['kind'];
  readonly fromNs: bigint;
  readonly untilNs: bigint;
  readonly values: number;
  readonly isAtLeast: boolean;
};

const whats: Readonly<Record<DamagedPlace['kind'], string>> = {
  missing: 'missing from the database',
  different: 'different in the database',
  extra: 'in the database alone',
  'changed-type': 'of another type in the database',
};

function reasonOf({ kind, database, retentionPolicy, measurement, fromNs, untilNs, values, isAtLeast }: Described) {
  const count = `${isAtLeast ? 'at least ' : ''}${countOf(values, 'value')}`;
  const last = untilNs - 1n;
  const when = last === fromNs ? `at ${timeText(fromNs)}` : `from ${timeText(fromNs)} to ${timeText(last)}`;
  // The default policy of a database that the server does not have has no name.
  return `${count} ${whats[kind]}: ${database}.${retentionPolicy || '(default)'} ${measurement}, ${when}`;
}

/** Returns a time of a point as a person reads it; one that no calendar has, in ns. */
function timeText(ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  return Number.isNaN(date.getTime()) ? `${ns}ns` : date.toISOString();
}

function exampleOf({ tags, time, field, inBackup, inDatabase }: DamagedPlace): WatchExample {
  const present = presentTags(tags);
  const more = present.length - tagsMax;
  return {
    tags: Object.fromEntries([
      ...present.slice(0, tagsMax).map(([key, value]) => [shownName(key), shownName(value)]),
      ...(more > 0 ? [['…', countOf(more, 'more tag')]] : []),
    ]),
    time,
    field: shownName(field),
    inBackup: shortValue(inBackup),
    inDatabase: shortValue(inDatabase),
  };
}

/** Returns a raw name as a person sees it; one that is very long is cut. */
export function shownName(raw: string): string {
  return cut(shown(raw), shownMax);
}

/** Returns what stands for a measurement in the name of an alarm: names that are cut still differ. */
function nameOf(raw: string): string {
  if (raw.length <= shownMax) return shown(raw);
  const digest = createHash('sha256').update(raw, 'latin1').digest('hex');
  return `${shown(raw.slice(0, shownMax / 2))}…${digest.slice(0, 16)}`;
}

function shortValue(value: RawValue | undefined): RawValue | undefined {
  const known = shownValue(value);
  return typeof known === 'string' ? cut(known, shownMax) : known;
}
