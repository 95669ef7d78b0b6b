import type { PolicySchema } from '@ceres/lineproto';
import type { TargetNames } from '../options/name-map';
import type { PartitionPlan } from '../plan/types';
import { durationMs } from './duration';
import type { WantedPolicy } from './schema';

/**
 * The policies that the partitions of a plan are restored into. Where several meet in one, the first that knows a schema
 * tells it; what `policies` (by `database/policy` or `policy`, as on the target) says of it goes before what the files say.
 */
export function wantedPolicies(
  partitions: readonly PartitionPlan[],
  map: TargetNames,
  policies: Readonly<Record<string, PolicySchema>>,
): WantedPolicy[] {
  const wanted = new Map<string, WantedPolicy>();
  for (const partition of partitions) {
    const database = map.database(partition.database);
    const name = map.retentionPolicy(partition.retentionPolicy ?? '');
    const key = `${database}/${name}`;
    const before = wanted.get(key);
    const schema = before?.schema ?? partition.policy;
    const firstDay =
      before !== undefined && before.firstDay < partition.firstDay ? before.firstDay : partition.firstDay;
    wanted.set(key, { database, name, firstDay, ...(schema && { schema }) });
  }
  return [...wanted].map(([key, { schema: told, ...policy }]) => {
    const schema = merged(told, policies[key] ?? policies[policy.name]);
    return { ...policy, ...(schema && { schema }) };
  });
}

/** Member by member: who gives a duration alone does not mean to lose the rest. */
function merged(told: PolicySchema | undefined, given: PolicySchema | undefined): PolicySchema | undefined {
  if (told === undefined || given === undefined) return given ?? told;
  const { shardDuration, ...rest } = { ...told, ...given };
  // InfluxDB takes no shards that are longer than the policy keeps, and then chooses by itself.
  const fits =
    given.shardDuration !== undefined || (durationMs(shardDuration ?? '') ?? 0) <= (durationMs(rest.duration) ?? 0);
  return { ...rest, ...(shardDuration !== undefined && fits && { shardDuration }) };
}
