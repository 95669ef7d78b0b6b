import { countOf } from '@ceres/internal';
import type { ResolvedHeal } from '../options/heal';
import type { PlanSource } from '../plan/plan';
import { survey } from '../plan/survey';
import { type FileFinding, isFault } from '../read/finding';
import { type Comparison, compareSides } from '../verify/compare-with-server';
import type { ComparedPolicy } from '../verify/compared-policies';
import type { PointRange } from '../verify/sides/backup-values';
import type { PointReader } from '../verify/sides/point-reader';
import {
  changedSince,
  type Damage,
  type DamageSettings,
  type FoundDamage,
  findDamage,
  lookAgain,
  noDamage,
  overtaken,
  rangesOf,
  stillDifferent,
  tooMany,
  unchanged,
  unjudged,
} from './damage';
import { PointHealer } from './heal-points';
import { type HealedPart, type HealReport, HealTally, previewOf } from './heal-report';
import {
  type Objection,
  ofAbsentPolicies,
  ofDamagedFiles,
  ofLargeDamage,
  refused,
  refuseFor,
  unfinished,
} from './objections';
import { ofLedgers, waitUntilVouched } from './vouched';

/** How often values are looked at again that a newer one may have come beside while they were written. */
const looksMax = 10;

/**
 * Compares a backup with a server, and writes what is missing or different under the rules of a heal.
 *
 * @throws RestoreError `HEAL_REFUSED`, `SNAPSHOT_SERVICE`, `SERVER_…`; StorageError
 */
export async function healDifferences(plan: PlanSource, options: ResolvedHeal): Promise<HealReport> {
  const comparison = await compareSides(plan, options.verify);
  const { verdict, mismatches } = comparison;
  const tally = new HealTally(verdict);
  if (mismatches.length === 0) return tally.report(undefined);
  const settingsOf = (source: PlanSource): DamageSettings => ({
    source,
    options: options.verify,
    policies: comparison.sides.policies,
    reader: comparison.reader,
    points: comparison.points,
    isSeedOnly: (policy) => isSeedOnly(policy, verdict),
  });
  if (!options.isAfterRestore) {
    await refuseAtOnce(comparison, plan, options, settingsOf(plan));
  }
  const mayWrite = hidingNewer(verdict.findings, options) === undefined;
  const healer = new PointHealer(options);
  try {
    const heal = new Heal(plan, options, { verdict, settingsOf, tally, healer, points: comparison.points });
    let ranges: readonly PointRange[] = rangesOf(mismatches, settingsOf(plan));
    while (ranges.length > 0) {
      const found = await findDamage(ranges, settingsOf(plan));
      if (found.rest.length > 0 && !options.isAfterRestore) throw tooMany();
      tally.add(mayWrite ? await heal.part(found) : { before: noDamage(), left: found.damage, isConfirmed: false });
      ranges = found.rest;
    }
  } finally {
    await healer.close();
  }
  return tally.report(healer.counts);
}

/**
 * Refuses what no wait changes, all of it at once. That more than a tenth of the values are different is certain only later: they may be late.
 *
 * @throws RestoreError `HEAL_REFUSED`
 */
async function refuseAtOnce(
  { verdict, mismatches, sides }: Comparison,
  { selection }: PlanSource,
  options: ResolvedHeal,
  settings: DamageSettings,
): Promise<void> {
  const lacking = mismatches.reduce((sum, { missing }) => sum + missing, 0);
  const large = ofLargeDamage(lacking, verdict.points, options);
  const found = [
    ...ofDamagedFiles(verdict.findings, options),
    ...ofAbsentPolicies(mismatches, sides.policies, options),
  ];
  const unvouched = await ofLedgers({ selection, options }, found.length + large.length > 0);
  const all = [...found, ...unvouched];
  if (all.length === 0 || large.length > 0 || options.largeDamage) return refuseFor([...all, ...large]);
  const { damage } = await findDamage(rangesOf(mismatches, settings), settings);
  refuseFor([...all, ...ofLarge(damage, verdict.points, options)]);
}

/** Returns what speaks against healing damage of more than a tenth of the points. */
function ofLarge(damage: Damage, compared: number, options: ResolvedHeal): Objection[] {
  const { missing, different } = previewOf(options.onlyDifferent ? withoutMissing(damage) : damage, compared);
  return ofLargeDamage(missing + different, compared, options);
}

interface HealParts {
  readonly verdict: Comparison['verdict'];
  readonly settingsOf: (source: PlanSource) => DamageSettings;
  readonly tally: HealTally;
  readonly healer: PointHealer;
  readonly points: PointReader;
}

/** Heals the damage in some ranges of points. */
class Heal {
  readonly #plan: PlanSource;
  readonly #options: ResolvedHeal;
  readonly #parts: HealParts;
  /** What reads as the last look did. */
  #points: PointReader;

  constructor(plan: PlanSource, options: ResolvedHeal, parts: HealParts) {
    this.#points = parts.points;
    this.#plan = plan;
    this.#options = options;
    this.#parts = parts;
  }

  async part(found: FoundDamage): Promise<HealedPart> {
    const { verdict, healer } = this.#parts;
    const { isAfterRestore, onlyDifferent, confirm } = this.#options;
    // What the database held until now was acked before now: files that are stored later may hold it.
    const doubt = await this.#vouched();
    if (doubt !== undefined) {
      if (isAfterRestore) throw unfinished(doubt);
      // What differs may be late, unless that is known not to come.
      const isLasting = doubt.accept !== undefined && doubt.accept.length > 0;
      throw refused([doubt, ...(isLasting ? ofLarge(found.damage, verdict.points, this.#options) : [])]);
    }
    const { now, findings } = await this.#look(found);
    if (!isAfterRestore) refuseFor(ofDamagedFiles(findings, this.#options));
    const certain = unchanged(found.damage, now);
    const unwritten = async (before: Damage): Promise<HealedPart> => {
      await this.#noteUnjudged(found, changedSince(now, certain));
      return { before, left: certain, isConfirmed: false };
    };
    if (hidingNewer(findings, this.#options) !== undefined) return await unwritten(noDamage());
    let before = onlyDifferent ? withoutMissing(certain) : certain;
    if (isAfterRestore) before = withoutAbsent(before);
    const preview = previewOf(before, verdict.points);
    refuseFor(ofLargeDamage(preview.missing + preview.different, verdict.points, this.#options));
    if (before.values.size === 0 || !(await confirm(preview))) return await unwritten(before);
    await healer.heal(before.values.values(), this.#points);
    return { before, left: await this.#afterWriting(found, certain, before), isConfirmed: true };
  }

  /**
   * Looks again once all that was acked while it wrote is stored: where a newer value came between the last look and the write, the
   * backup has it by now, and it is written over the older one.
   */
  async #afterWriting(found: FoundDamage, certain: Damage, before: Damage): Promise<Damage> {
    const { healer, tally } = this.#parts;
    let written = before;
    for (let looks = 1; ; looks += 1) {
      const late = await this.#vouched();
      const { now, findings } = await this.#look(found);
      const older = overtaken(written, now);
      const left = unchanged(certain, now);
      const doubt = late?.why ?? hidingNewer(findings, this.#options)?.reason;
      if (doubt !== undefined) {
        const { instance } = this.#plan.selection;
        const reason = `newer values may have come while it was healed, and not all of them are certain to be in the backup. ${doubt}`;
        for (const database of databasesOf(before)) tally.doubt({ instance, database, side: 'backup', reason });
      }
      if (doubt !== undefined || older.values.size === 0 || looks === looksMax) {
        const all = { ...left, values: new Map([...left.values, ...older.values]) };
        await this.#noteUnjudged(found, changedSince(now, all));
        return all;
      }
      await healer.heal(older.values.values(), this.#points);
      written = older;
    }
  }

  /**
   * Notes what changed on one side since it was compared, where nothing says which side is newer. It looks once more, when all that the database
   * held is stored: a value that the database has changed again by then is one that a service writes over and over.
   */
  async #noteUnjudged(found: FoundDamage, changed: Damage): Promise<void> {
    if (changed.values.size === 0) return;
    const late = await this.#vouched();
    const left = late === undefined ? stillDifferent(changed, (await this.#look(found)).now) : changed;
    for (const place of unjudged(left)) {
      const values = countOf(place.values, 'value');
      const reason = `${values} changed since the comparison, and may be newer on either side: heal once more`;
      const { instance } = this.#plan.selection;
      this.#parts.tally.doubt({ instance, ...place.where, side: 'backup', reason });
    }
  }

  async #vouched(): Promise<Objection | undefined> {
    const { selection } = this.#plan;
    return await waitUntilVouched(this.#options.clock.now(), { selection, options: this.#options });
  }

  /** Looks at the same ranges again, with the files that were stored since. */
  async #look(found: FoundDamage): Promise<{ readonly now: Damage; readonly findings: readonly FileFinding[] }> {
    const { selection } = this.#plan;
    const settings = this.#parts.settingsOf({ selection, ...(await survey(selection)) });
    const points = await settings.points.refreshed();
    const findings: FileFinding[] = [];
    const now = await lookAgain(found, { ...settings, points, onFinding: (finding) => findings.push(finding) });
    this.#points = points;
    return { now, findings };
  }
}

/** Returns a file that is damaged or missing, and not known to be: it may hold newer values. */
function hidingNewer(findings: readonly FileFinding[], { accept }: ResolvedHeal): FileFinding | undefined {
  return findings.find((finding) => isFault(finding) && !accept.has(finding.name));
}

function databasesOf({ values }: Damage): ReadonlySet<string> {
  return new Set([...values.values()].map(({ policy }) => policy.database));
}

function withoutMissing(damage: Damage): Damage {
  return { ...damage, values: new Map([...damage.values].filter(([, { isMissingPoint }]) => !isMissingPoint)) };
}

/** A restore has left out the policies that the server cannot have. */
function withoutAbsent(damage: Damage): Damage {
  return { ...damage, values: new Map([...damage.values].filter(([, { policy }]) => policy.exists)) };
}

function isSeedOnly({ database, name }: ComparedPolicy, { seedOnly }: Comparison['verdict']): boolean {
  return seedOnly.some((policy) => policy.database === database && policy.retentionPolicy === name);
}
