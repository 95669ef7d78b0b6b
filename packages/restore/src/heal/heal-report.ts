import { shown } from '@ceres/influx-http/internal';
import type { HealedValue, HealPreview } from '../options/heal';
import type { Comparison } from '../verify/compare-with-server';
import { shownValue } from '../verify/differing-points';
import { presentTags } from '../verify/digest/point-hash';
import type { NotCompared, SeedOnly } from '../verify/verdict';
import { type Damage, type DamagedValue, noDamage, pointKey } from './damage';
import type { HealedCounts } from './heal-points';

/** The values that a preview shows. */
const examplesMax = 20;

/** What a heal has done, and what it has left. */
export interface HealReport {
  /** `EQUAL` if nothing differs any more and everything was compared. A heal that was not confirmed says what it found. */
  readonly outcome: 'EQUAL' | 'NOT EQUAL' | 'INCOMPLETE';
  readonly equal: boolean;
  /** Something was to be healed, and the confirmation was a yes. */
  readonly isConfirmed: boolean;
  readonly preview: HealPreview;
  /** The points that were written, and the values in them. */
  readonly points: number;
  readonly values: number;
  /** The values that changed after they were compared, and were left alone. */
  readonly skipped: number;
  /** The values that the server refuses, and its reasons. */
  readonly refused: number;
  readonly reasons: readonly string[];
  /** What remains different, in values: a heal never deletes, and changes no type. */
  readonly left: {
    readonly missing: number;
    readonly different: number;
    readonly extra: number;
    readonly changedTypes: number;
    /** The fields of the changed types. */
    readonly changedFields: readonly string[];
  };
  readonly notCompared: readonly NotCompared[];
  /** The time from which points were compared, ns since the epoch: older ones may have expired, and are not healed. */
  readonly comparedFrom: bigint | undefined;
  /** The policies that nothing but a seed backs up: only what they lack was healed. */
  readonly seedOnly: readonly SeedOnly[];
}

/** What became of the damage of one part of the ranges. */
export interface HealedPart {
  /** What was to be written. */
  readonly before: Damage;
  /** What is left of all that was found. */
  readonly left: Damage;
  readonly isConfirmed: boolean;
}

/** Sums up the parts of a heal. */
export class HealTally {
  readonly #verdict: Comparison['verdict'];
  readonly #notCompared: NotCompared[];
  readonly #left = { missing: 0, different: 0, extra: 0, changedTypes: 0 };
  readonly #changedFields = new Set<string>();
  #preview: HealPreview;
  #isConfirmed = false;

  constructor(verdict: Comparison['verdict']) {
    this.#verdict = verdict;
    this.#notCompared = [...verdict.notCompared];
    this.#preview = previewOf(noDamage(), verdict.points);
  }

  add({ before, left, isConfirmed }: HealedPart): void {
    const { missing, different, values, compared, examples } = previewOf(before, this.#verdict.points);
    this.#preview = {
      missing: this.#preview.missing + missing,
      different: this.#preview.different + different,
      values: this.#preview.values + values,
      compared,
      examples: [...this.#preview.examples, ...examples].slice(0, examplesMax),
    };
    this.#isConfirmed ||= isConfirmed;
    for (const { stored } of left.values.values()) this.#left[stored === undefined ? 'missing' : 'different'] += 1;
    this.#left.extra += left.extra.size;
    this.#left.changedTypes += left.changedTypes.size;
    for (const { field } of left.changedTypes.values()) this.#changedFields.add(shown(field));
  }

  /** Notes why something may be otherwise than the report says. */
  doubt(gap: NotCompared): void {
    this.#notCompared.push(gap);
  }

  report(counts: HealedCounts | undefined): HealReport {
    const { comparedFrom, seedOnly } = this.#verdict;
    const { missing, different, extra, changedTypes } = this.#left;
    const differs = missing + different + extra + changedTypes > 0;
    const outcome = differs ? 'NOT EQUAL' : this.#notCompared.length > 0 ? 'INCOMPLETE' : 'EQUAL';
    return {
      outcome,
      equal: outcome === 'EQUAL',
      isConfirmed: this.#isConfirmed,
      preview: this.#preview,
      points: counts?.points ?? 0,
      values: counts?.values ?? 0,
      skipped: counts?.skipped ?? 0,
      refused: counts?.refused ?? 0,
      reasons: [...(counts?.reasons ?? [])],
      left: { ...this.#left, changedFields: [...this.#changedFields].sort() },
      notCompared: this.#notCompared,
      comparedFrom,
      seedOnly,
    };
  }
}

export function previewOf({ values }: Damage, compared: number): HealPreview {
  const [missing, different] = [new Set<string>(), new Set<string>()];
  for (const { policy, measurement, backup, isMissingPoint } of values.values()) {
    const point = JSON.stringify([policy.database, policy.name, measurement, pointKey(backup)]);
    (isMissingPoint ? missing : different).add(point);
  }
  const examples = [...values.values()].slice(0, examplesMax).map(shownDamage);
  return { missing: missing.size, different: different.size, values: values.size, compared, examples };
}

function shownDamage({ policy, measurement, backup, stored }: DamagedValue): HealedValue {
  return {
    database: policy.database,
    retentionPolicy: policy.name,
    measurement: shown(measurement),
    tags: Object.fromEntries(presentTags(backup.tags).map(([key, value]) => [shown(key), shown(value)])),
    time: backup.time,
    field: shown(backup.field),
    inBackup: shownValue(backup.value) as HealedValue['inBackup'],
    inDatabase: shownValue(stored),
  };
}
