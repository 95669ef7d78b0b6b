import { countOf } from '@ceres/internal';
import type { ComparedPolicy } from '../verify/compared-policies';
import type { JudgedRange } from '../watch/judge/judge-range';
import { type DamagedPlace, shownName } from '../watch/judge/value-alarms';
import { findMoved } from './moved-points';
import { refusingValues } from './refused-types';
import type { Disaster, DisasterKind } from './types';

/** More than this part of the points is no partial damage: a heal refuses it, too. */
export const damagedPartMax = 0.1;
/** A server that has others instead of more than this part of the points is another one. */
export const otherPartMin = 0.9;
/** The names that a reason has, at most. */
const namesMax = 5;

/** Says what has happened to one database, whose values were compared. `name` is its name in the backup. */
export function databaseDisasters(name: string, database: string, judged: JudgedRange): Disaster[] {
  const { places, alarms, counted, doubted = [] } = judged;
  const valuesOf = (kind: 'missing' | 'different' | 'extra') =>
    Math.max(pointsIn(places.filter((place) => place.kind === kind)), counted?.[kind] ?? 0);
  const [missing, different, extra] = [valuesOf('missing'), valuesOf('different'), valuesOf('extra')];
  const refusing = refusingValues([...places, ...doubted]);
  const changed = [...places.filter(({ kind }) => kind === 'changed-type'), ...refusing];
  const one = (kind: DisasterKind, reason: string, cure: Disaster['cure']): Disaster[] => {
    const findings = alarms.filter((alarm) => alarm.values !== undefined).map((alarm) => alarm.name);
    return [{ kind, databases: [database], reason: `${database}: ${reason}`, cure, findings }];
  };
  // Of very many damaged values only some are known: more than a heal takes.
  const isPart = alarms.some(({ isAtLeast }) => isAtLeast);
  const isUnknown = isPart && counted === undefined;
  const points = isUnknown ? missing + different : judged.points;
  const atLeast = isPart ? 'at least ' : '';
  const wipe = { action: 'wipe', databases: [name] } as const;
  const moved = findMoved(places);
  if (moved?.kind === 'shifted-time') {
    return one(
      'shifted-time',
      `${countOf(moved.values, 'value has', 'values have')} other times than in the backup, ${moved.how}`,
      wipe,
    );
  }
  if (moved?.kind === 'swapped-tags') {
    return one(
      'swapped-tags',
      `${countOf(moved.values, 'value stands', 'values stand')} under other tags: ${moved.how} changed places`,
      wipe,
    );
  }
  const others = Math.max(extra, pointsIn(refusing));
  if (areOthers({ missing, different, extra: others, points, isPart: isUnknown })) {
    const reason = `it holds other points than the backup (of ${judged.points}, ${atLeast}${countOf(missing, 'is', 'are')} missing and ${countOf(different, 'has', 'have')} other values; ${countOf(others, 'is', 'are')} in the database alone)`;
    return one('other-server', reason, { action: 'check the server' });
  }
  if (changed.length > 0) {
    const fields = [
      ...new Set(changed.map(({ measurement, field }) => `${shownName(measurement)}.${shownName(field)}`)),
    ];
    return one('changed-type', `fields have other types than in the backup: ${listed(fields)}`, wipe);
  }
  const found: Disaster[] = [];
  if (missing > points * damagedPartMax) {
    const reason = `${atLeast}${missing} of ${countOf(judged.points, 'point')} ${missing === 1 ? 'is' : 'are'} missing: shards or measurements were dropped, or a wipe was not finished`;
    found.push(...one('lost-points', reason, { action: 'restore', databases: [name], intoExisting: true }));
  } else if (missing + different > 0) {
    const parts = [
      missing > 0 && `${countOf(missing, 'point is', 'points are')} missing`,
      different > 0 &&
        `${missing > 0 ? countOf(different, 'has', 'have') : countOf(different, 'point has', 'points have')} other values`,
    ];
    const reason = `${atLeast}${parts.filter((part) => part !== false).join(' and ')}, of ${judged.points}`;
    // A heal refuses that many, and holds no more values than are known here; what is restored replaces other values.
    const isLarge = isPart || missing + different > points * damagedPartMax;
    const cure = isLarge
      ? ({ action: 'restore', databases: [name], intoExisting: true } as const)
      : ({ action: 'heal', databases: [name] } as const);
    found.push(...one('partial-damage', reason, cure));
  }
  if (extra > 0 && found.length === 0) {
    const reason = `${countOf(extra, 'point is', 'points are')} in the database alone: ${extra === 1 ? 'it' : 'they'} did not go through the tee`;
    found.push(...one('extra-points', reason, { action: 'seed again', databases: [name] }));
  }
  return found;
}

interface Counts {
  readonly missing: number;
  readonly different: number;
  readonly extra: number;
  readonly points: number;
  readonly isPart: boolean;
}

/** Returns whether a database of another instance, with the same name, explains what differs: next to none of the points is there, but others are. */
function areOthers({ missing, different, extra, points, isPart }: Counts): boolean {
  const differing = missing + different;
  if (differing < 2 || differing <= points * otherPartMin) return false;
  // What is teed after a loss is in the backup: a database that has none of its points, and some others, holds those of somebody else.
  return missing === points && !isPart ? extra > 0 : extra + different > differing * otherPartMin;
}

/** Says which policies of a database are gone, while the database is there. */
export function policyDisasters(name: string, database: string, absent: readonly ComparedPolicy[]): Disaster[] {
  if (absent.length === 0) return [];
  const names = absent.map((policy) => policy.name);
  const reason = `${database}: the server has no retention policy ${listed(names)}`;
  const cure = { action: 'restore', databases: [name], retentionPolicies: names, intoExisting: true } as const;
  return [{ kind: 'dropped-policy', databases: [database], reason, cure, findings: [] }];
}

export function listed(names: readonly string[]): string {
  const more = names.length - namesMax;
  return `${names.slice(0, namesMax).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function pointsIn(places: readonly DamagedPlace[]): number {
  const points = places.map(({ policy, measurement, tags, time }) =>
    JSON.stringify([policy.name, measurement, tags, String(time)]),
  );
  return new Set(points).size;
}
