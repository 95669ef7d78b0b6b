import { presentTags } from '../verify/digest/point-hash';
import { type DamagedPlace, shownName } from '../watch/judge/value-alarms';

/** Values that stand elsewhere than in the backup. */
export interface MovedPoints {
  readonly kind: 'shifted-time' | 'swapped-tags';
  readonly values: number;
  /** The time that lies between, or the tags, in words. */
  readonly how: string;
}

/** Fewer values may stand elsewhere by chance. */
const valuesMin = 3;
/** The part of the values which the database lacks or has otherwise that must be found elsewhere. */
const partMin = 0.8;
/** A value that stands in more places than these says nothing of where it came from. */
const sameMax = 50;

interface Value {
  readonly place: DamagedPlace;
  readonly value: DamagedPlace['inBackup'];
}

/**
 * Finds out whether the values that a database lacks are there all the same, at other times or under other tags.
 *
 * @param places the damaged values of one database
 */
export function findMoved(places: readonly DamagedPlace[]): MovedPoints | undefined {
  const lacking: Value[] = [];
  const foreign: Value[] = [];
  for (const place of places) {
    if (place.inBackup !== undefined) lacking.push({ place, value: place.inBackup });
    if (place.inDatabase !== undefined) foreign.push({ place, value: place.inDatabase });
  }
  const needed = Math.max(valuesMin, lacking.length * partMin);
  const shift = mostCommon(lacking, foreign, seriesOf, ({ place: a }, { place: b }) =>
    a.time === b.time ? undefined : `${b.time - a.time}`,
  );
  if (shift.count >= needed) {
    return { kind: 'shifted-time', values: shift.count, how: `by ${spanText(BigInt(shift.what))}` };
  }
  const swap = mostCommon(lacking, foreign, momentOf, ({ place: a }, { place: b }) => swappedKeys(a, b));
  return swap.count >= needed ? { kind: 'swapped-tags', values: swap.count, how: swap.what } : undefined;
}

/** Counts in how many ways values have moved, and returns the most common one. A value moves once in each way. */
function mostCommon(
  lacking: readonly Value[],
  foreign: readonly Value[],
  groupOf: (value: Value) => string,
  wayOf: (from: Value, to: Value) => string | undefined,
): { readonly what: string; readonly count: number } {
  const groups = new Map<string, Value[]>();
  for (const value of foreign) {
    const group = groups.get(groupOf(value));
    if (group === undefined) groups.set(groupOf(value), [value]);
    else if (group.length < sameMax) group.push(value);
  }
  const ways = new Map<string, number>();
  for (const value of lacking) {
    const own = new Set((groups.get(groupOf(value)) ?? []).map((to) => wayOf(value, to)));
    for (const way of own) if (way !== undefined) ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  let [what, count] = ['', 0];
  for (const [way, times] of ways) if (times > count) [what, count] = [way, times];
  return { what, count };
}

function seriesOf({ place, value }: Value): string {
  return JSON.stringify([...names(place), presentTags(place.tags), exact(value)]);
}

function momentOf({ place, value }: Value): string {
  return JSON.stringify([...names(place), String(place.time), exact(value)]);
}

function names({ policy, measurement, field }: DamagedPlace): string[] {
  return [policy.database, policy.name, measurement, field];
}

function exact(value: Value['value']): string {
  return `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`;
}

/** Returns the tags whose values have changed places between two series; `undefined` if they are not the same values. */
function swappedKeys(a: DamagedPlace, b: DamagedPlace): string | undefined {
  const [own, other] = [presentTags(a.tags), presentTags(b.tags)];
  if (own.length !== other.length || own.some(([key], i) => key !== other[i]?.[0])) return undefined;
  const changed = own.filter(([, value], i) => value !== other[i]?.[1]).map(([key]) => key);
  const valuesOf = (tags: typeof own) => JSON.stringify(tags.map(([, value]) => value).sort());
  if (changed.length === 0 || valuesOf(own) !== valuesOf(other)) return undefined;
  return changed.map((key) => shownName(key)).join(' and ');
}

function spanText(ns: bigint): string {
  const [seconds, rest] = [ns / 1_000_000_000n, ns % 1_000_000_000n];
  return rest === 0n ? `${seconds} s` : `${ns} ns`;
}
