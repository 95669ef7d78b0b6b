import { shardGroupAt } from '../compile/rows/shard-times';
import type { DamagedPlace } from '../watch/judge/value-alarms';

/**
 * Returns the values of the database that keep values of the backup out: a shard takes one type of a field, and theirs is another one than that of values
 * which the database lacks there. A restore cannot send these, unless the shard is dropped.
 *
 * @param places the damaged values of one database, and those that may be on their way
 */
export function refusingValues(places: readonly DamagedPlace[]): DamagedPlace[] {
  const missing = new Map<string, Set<string>>();
  for (const place of places) {
    if (place.kind !== 'missing') continue;
    const key = fieldOf(place);
    missing.set(key, (missing.get(key) ?? new Set()).add(typeof place.inBackup));
  }
  return places.filter((place) => {
    if (place.kind !== 'extra') return false;
    const types = missing.get(fieldOf(place));
    return types !== undefined && !types.has(typeof place.inDatabase);
  });
}

/** Returns what is the same for all values of a field in one shard. */
function fieldOf({ policy, measurement, field, time }: DamagedPlace): string {
  const { shardDurationMs } = policy;
  const shard = Number.isFinite(shardDurationMs)
    ? shardGroupAt(time, BigInt(shardDurationMs) * 1_000_000n).startNs
    : 0n;
  return JSON.stringify([policy.name, String(shard), measurement, field]);
}
