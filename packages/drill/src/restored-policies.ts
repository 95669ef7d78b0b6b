import { parseDurationMs } from '@ceres/internal';
import type { RestoreOptions, RestorePlan } from '@ceres/restore';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Describes the policies of a plan so that they keep points for ever, in shards as long as they were: nothing expires while a drill compares, and a shard has
 * what it had.
 */
export function restoredPolicies({ partitions }: RestorePlan): NonNullable<RestoreOptions['policies']> {
  const described = partitions.flatMap(({ database, retentionPolicy = '', mixed, policy }) => {
    const shardDuration = policy && shardDurationOf(policy);
    const kept = { duration: 'INF', ...(shardDuration !== undefined && { shardDuration }) };
    return (mixed ?? [retentionPolicy]).map((name) => [`${database}/${name}`, kept] as const);
  });
  return Object.fromEntries(described);
}

interface Durations {
  readonly duration: string;
  readonly shardDuration?: string;
}

/** Returns the shard duration that a policy has, or that InfluxDB chose for it (`shardGroupDuration` in services/meta/data.go). */
function shardDurationOf({ duration, shardDuration }: Durations): string | undefined {
  if (shardDuration !== undefined && shardDuration !== '0s') {
    return (parseDurationMs(shardDuration) ?? 0) >= hourMs ? shardDuration : undefined;
  }
  const keptMs = parseDurationMs(duration);
  if (keptMs === undefined || keptMs === 0 || keptMs >= 180 * dayMs) return undefined;
  return keptMs >= 2 * dayMs ? '1d' : '1h';
}
