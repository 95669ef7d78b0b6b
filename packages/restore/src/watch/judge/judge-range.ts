import { countOf, cut } from '@ceres/internal';
import type { LedgerFinding } from '@ceres/storage';
import { RestoreError } from '../../errors';
import {
  changedSince,
  type Damage,
  type DamageSettings,
  type FoundDamage,
  findDamage,
  lookAgain,
  noDamage,
  rangesOf,
  unchanged,
} from '../../heal/damage';
import { waitUntilVouched } from '../../heal/vouched';
import type { ResolvedWatch } from '../../options/watch';
import type { PlanSource } from '../../plan/plan';
import { survey } from '../../plan/survey';
import { type FileFinding, isFault } from '../../read/finding';
import { readAllLedgers } from '../../read/missing';
import { type Comparison, compareSides } from '../../verify/compare-with-server';
import type { ComparedPolicies } from '../../verify/compared-policies';
import type { Mismatch, NotCompared } from '../../verify/verdict';
import { nearSpans, type TimeRange } from '../time/watched-time';
import type { UnjudgedTime, WatchAlarm } from '../types';
import { type DamagedPlace, placesIn, shownMax, ValueAlarms } from './value-alarms';

/** What the comparison of a stretch of time has shown. */
export interface JudgedRange {
  readonly alarms: readonly WatchAlarm[];
  /** The parts that are damaged, and those that could not be judged: the next run looks at them first. */
  readonly open: readonly TimeRange[];
  readonly unjudged: readonly UnjudgedTime[];
  /** The points of the backup that were compared. */
  readonly points: number;
  /** The damaged values; of more than memory holds, the first ones. */
  readonly places: readonly DamagedPlace[];
  /** Values that the database alone has, and that may be on their way into the backup. */
  readonly doubted?: readonly DamagedPlace[];
  /** The points that differ, as the comparison has counted them: set if there are more damaged values than `places` holds. */
  readonly counted?: DifferingPoints;
  /** How long it waited for sinks, in ms. */
  readonly waitedMs: number;
}

/** Points that differ, by how: `different` is the most that may have other values. */
interface DifferingPoints {
  readonly missing: number;
  readonly different: number;
  readonly extra: number;
}

/** What it takes of the options to judge. */
export type JudgeSettings = Pick<ResolvedWatch, 'comparison' | 'accept'>;

/** What is damaged for certain, and why something else is not. */
interface Certain {
  readonly damage: Damage;
  /** Something differs, and may be on its way: the reason. */
  readonly doubt: string | undefined;
  readonly findings: readonly FileFinding[];
  /** What is lost of the backup: it explains what only the database has. */
  readonly losses: readonly LedgerFinding[];
  readonly waitedMs: number;
}

/**
 * Compares a stretch of time, and tells damage from what is on its way: a value is damaged if backup and database disagree on it twice in
 * the same way, and between the two looks every sink has stored what it had acked before the first.
 *
 * @param plan the files of one database, and the stretch as its selection
 * @param waitMs how long to wait for sinks
 * @throws RestoreError `SERVER_…`, `SNAPSHOT_SERVICE`, `SCRATCH_FULL`; StorageError
 */
export async function judgeRange(
  plan: PlanSource,
  watch: JudgeSettings,
  { snapshot, waitMs }: { readonly snapshot: string | undefined; readonly waitMs: number },
): Promise<JudgedRange> {
  const options = { ...watch.comparison, snapshot, waitMs };
  const { instance } = plan.selection;
  let comparison: Comparison;
  try {
    comparison = await compareSides(plan, options);
  } catch (error) {
    // Neither side has a point in this stretch of time: nothing differs there.
    if (error instanceof RestoreError && error.code === 'NO_FILES')
      return { alarms: [], open: [], unjudged: [], points: 0, places: [], waitedMs: 0 };
    throw error;
  }
  const { verdict, mismatches, sides, reader, points } = comparison;
  const settingsOf = (source: PlanSource): DamageSettings => ({
    source,
    options,
    policies: sides.policies,
    reader,
    points,
    isSeedOnly: (policy) =>
      verdict.seedOnly.some((one) => one.database === policy.database && one.retentionPolicy === policy.name),
  });
  const ranges = rangesOf(mismatches, settingsOf(plan));
  const found = await findDamage(ranges, settingsOf(plan));
  const certain = await certainOf(found, { plan, watch, waitMs, settingsOf, before: verdict.findings });
  const isAtLeast = found.rest.length > 0;
  const { alarms, unjudged, places, doubted } = sumUp(certain, instance, isAtLeast);
  const isOpen = alarms.length > 0 || unjudged.length > 0 || isAtLeast;
  const faults = faultsOf([...verdict.findings, ...certain.findings], watch);
  return {
    alarms: [...faults.map((fault) => fileAlarm(fault, instance)), ...alarms],
    open: isOpen ? nearSpans([...ranges, ...found.rest].map(({ from, until }) => ({ from, until }))) : [],
    unjudged: [...unjudged, ...unreadOf(verdict.notCompared)],
    points: verdict.points,
    places,
    doubted,
    ...(isAtLeast && { counted: countedIn(mismatches, sides.policies) }),
    waitedMs: certain.waitedMs,
  };
}

/** Sums up what differs in policies that the server has: the others are lost whole. */
function countedIn(mismatches: readonly Mismatch[], policies: ComparedPolicies): DifferingPoints {
  const sums = { missing: 0, different: 0, extra: 0 };
  for (const { database, retentionPolicy = '', missing, extra, differentMax } of mismatches) {
    if (policies.named(database, retentionPolicy)?.exists !== true) continue;
    sums.missing += missing;
    sums.different += differentMax;
    sums.extra += extra;
  }
  return sums;
}

interface Looking {
  readonly plan: PlanSource;
  readonly watch: JudgeSettings;
  readonly waitMs: number;
  readonly settingsOf: (source: PlanSource) => DamageSettings;
  readonly before: readonly FileFinding[];
}

/** Looks again, once every sink has stored what it had acked; what changed since is looked at a third time. */
async function certainOf(found: FoundDamage, { plan, watch, waitMs, settingsOf, before }: Looking): Promise<Certain> {
  if (found.ranges.length === 0) return { damage: noDamage(), doubt: undefined, findings: [], losses: [], waitedMs: 0 };
  const { selection } = plan;
  let waitedMs = 0;
  const vouched = async () => {
    const { clock } = watch.comparison;
    const accept = await withoutLosses(watch, selection);
    const options = { accept, clock, verify: { ...watch.comparison, selection, waitMs } };
    const beganMs = clock.now();
    const objection = await waitUntilVouched(beganMs, { selection, options });
    waitedMs += clock.now() - beganMs;
    return objection?.why;
  };
  const findings: FileFinding[] = [];
  const look = async (): Promise<Damage> => {
    const settings = settingsOf({ ...plan, ...(await filesNow(plan)) });
    const points = await settings.points.refreshed();
    return await lookAgain(found, { ...settings, points, onFinding: (finding) => findings.push(finding) });
  };
  let doubt = await vouched();
  const second = await look();
  let damage = unchanged(found.damage, second);
  const changed = changedSince(second, damage);
  if (changed.values.size > 0) {
    doubt ??= await vouched();
    const third = await look();
    const settled = unchanged(changed, third);
    // What the database has changed again by then is a value that a service writes over and over.
    damage = { ...damage, values: new Map([...damage.values, ...settled.values]) };
  }
  const hiding = faultsOf([...before, ...findings], watch)[0];
  const { findings: losses } = await readAllLedgers(selection);
  return { damage, doubt: doubt ?? (hiding && `${hiding.name}: ${hiding.reason}`), findings, losses, waitedMs };
}

/** Lists the files again that were stored since, and keeps the policies of the plan. */
async function filesNow({ selection, partitions }: PlanSource): Promise<Omit<PlanSource, 'selection'>> {
  const { from: _, until: __, ...whole } = selection;
  const now = await survey({ ...whole, from: undefined, until: undefined });
  return { ...now, partitions: now.partitions.length > 0 ? now.partitions : partitions };
}

/** A lost file explains no other value than its own, and says nothing of whether sinks have stored what they acked. */
async function withoutLosses(
  { accept }: JudgeSettings,
  selection: PlanSource['selection'],
): Promise<ReadonlySet<string>> {
  const { findings } = await readAllLedgers(selection);
  return new Set([...accept, ...findings.flatMap(({ kind, name }) => (kind === 'silent' ? [] : [name]))]);
}

function sumUp({ damage, doubt, losses }: Certain, instance: string, isAtLeast: boolean) {
  const certain = new ValueAlarms(instance);
  const places: DamagedPlace[] = [];
  const doubted: DamagedPlace[] = [];
  let uncertain = 0;
  let [first, last]: [bigint | undefined, bigint | undefined] = [undefined, undefined];
  let database: string | undefined;
  for (const place of placesIn(damage)) {
    // The backup can only hold more of it: nothing that is on its way explains a point that the database lacks.
    if (place.kind === 'missing' || (doubt === undefined && !isExplained(place, losses))) {
      certain.add(place);
      places.push(place);
    } else if (doubt !== undefined) {
      uncertain += 1;
      if (place.kind === 'extra') doubted.push(place);
      database = place.policy.database;
      if (first === undefined || place.time < first) first = place.time;
      if (last === undefined || place.time > last) last = place.time;
    }
  }
  const unjudged: UnjudgedTime[] = [];
  if (uncertain > 0 && first !== undefined && last !== undefined) {
    const reason = `${countOf(uncertain, 'value differs', 'values differ')}, and may be on ${uncertain === 1 ? 'its' : 'their'} way. ${doubt}`;
    const place = { ...(database !== undefined && { database }), fromNs: first, untilNs: last + 1n };
    unjudged.push({ ...place, values: uncertain, reason });
  }
  return { alarms: certain.list(isAtLeast), unjudged, places, doubted };
}

/** Returns whether a file of the backup that is lost may hold a value: it has its own alarm. */
function isExplained({ policy, time }: DamagedPlace, losses: readonly LedgerFinding[]): boolean {
  return losses.some((loss) => {
    if (loss.kind !== 'lost' && loss.kind !== 'resized') return false;
    const { database, retentionPolicy } = loss.partition;
    const isPlace = database === policy.database && (!retentionPolicy || retentionPolicy === policy.name);
    return isPlace && loss.fromNs <= time && time <= loss.toNs;
  });
}

/** A gap in the numbers of files that a stretch of time selects says nothing: those between lie at other times. */
function faultsOf(findings: readonly FileFinding[], { accept }: JudgeSettings): FileFinding[] {
  const faults = findings.filter((one) => isFault(one) && one.problem !== 'gap' && !accept.has(one.name));
  return [...new Map(faults.map((one) => [one.name, one])).values()];
}

function fileAlarm({ name, problem, reason, first, last }: FileFinding, instance: string): WatchAlarm {
  const times = first === undefined || last === undefined ? {} : { fromNs: first, untilNs: last + 1n };
  return { kind: problem, name, instance, ...times, reason: `${name}: ${reason}` };
}

function unreadOf(notCompared: readonly NotCompared[]): UnjudgedTime[] {
  return notCompared.flatMap(({ side, database, retentionPolicy, measurement, reason }) => {
    if (side === 'backup') return [];
    const named = [database, retentionPolicy, measurement].filter((name) => name !== undefined);
    const place = named.map((name) => cut(name, shownMax)).join('.');
    return [{ database, reason: `${place} could not be compared: ${reason}` }];
  });
}
