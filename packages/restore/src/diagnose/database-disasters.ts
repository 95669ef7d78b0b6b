import type { ComparedPolicy } from '../verify/compared-policies';
import type { JudgedRange } from '../watch/judge/judge-range';
import type { DamagedPlace } from '../watch/judge/value-alarms';
import { findMoved } from './moved-points';
import type { Disaster, DisasterKind } from './types';

/** More than this part of the points is no partial damage: a heal refuses it, too. */
export const damagedPartMax = 0.1;
/** A server that lacks more than this part of the points, and holds as many others, is another one. */
const otherPartMin = 0.9;
/** The names that a reason has, at most. */
const namesMax = 5;

/** Says what has happened to one database, whose values were compared. `name` is its name in the backup. */
export function databaseDisasters(name: string, database: string, { places, points, alarms }: JudgedRange): Disaster[] {
  const countOf = (kind: DamagedPlace['kind']) => pointsIn(places.filter((place) => place.kind === kind));
  const [missing, different, extra] = [countOf('missing'), countOf('different'), countOf('extra')];
  const changed = places.filter(({ kind }) => kind === 'changed-type');
  const one = (kind: DisasterKind, reason: string, cure: Disaster['cure']): Disaster[] => {
    const findings = alarms.filter((alarm) => alarm.values !== undefined).map((alarm) => alarm.name);
    return [{ kind, databases: [database], reason: `${database}: ${reason}`, cure, findings }];
  };
  const wipe = { action: 'wipe', databases: [name] } as const;
  const moved = findMoved(places);
  if (moved?.kind === 'shifted-time') {
    return one('shifted-time', `${moved.values} values have other times than in the backup, ${moved.how}`, wipe);
  }
  if (moved?.kind === 'swapped-tags') {
    return one('swapped-tags', `${moved.values} values stand under other tags: ${moved.how} changed places`, wipe);
  }
  if (missing > points * otherPartMin && extra > missing * otherPartMin && missing > 1) {
    const reason = `it holds other points than the backup (${missing} of ${points} are missing, ${extra} are in the database alone)`;
    return one('other-server', reason, { action: 'check the server' });
  }
  if (changed.length > 0) {
    const fields = [...new Set(changed.map(({ measurement, field }) => `${measurement}.${field}`))];
    return one('changed-type', `fields have other types than in the backup: ${listed(fields)}`, wipe);
  }
  const found: Disaster[] = [];
  if (missing > points * damagedPartMax) {
    const reason = `${missing} of ${points} points are missing: shards or measurements were dropped, or a wipe was not finished`;
    found.push(...one('lost-points', reason, { action: 'restore', databases: [name], intoExisting: true }));
  } else if (missing + different > 0) {
    const reason = `${missing} points are missing and ${different} have other values, of ${points}`;
    found.push(...one('partial-damage', reason, { action: 'heal', databases: [name] }));
  }
  if (extra > 0 && found.length === 0) {
    const reason = `${extra} points are in the database alone: they did not go through the tee`;
    found.push(...one('extra-points', reason, { action: 'seed again', databases: [name] }));
  }
  return found;
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
