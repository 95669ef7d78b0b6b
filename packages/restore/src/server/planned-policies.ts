import type { PolicySchema } from '@ceres/lineproto';
import type { NameMap } from '../options/name-map';
import type { PartitionPlan } from '../plan/types';
import { durationMs } from './duration';
import type { PlannedPolicy } from './schema';

/**
 * Returns the policies that the partitions of a plan are restored into. If several partitions go into one policy, its
 * schema is that of the first partition with one. `policies` (by the name on the server, `database/policy` or `policy`)
 * takes precedence over what the files say.
 */
export function plannedPolicies(
  partitions: readonly PartitionPlan[],
  map: NameMap,
  policies: Readonly<Record<string, PolicySchema>>,
): PlannedPolicy[] {
  const planned = new Map<string, PlannedPolicy>();
  for (const partition of partitions) {
    const database = map.database(partition.database);
    const name = map.retentionPolicy(partition.retentionPolicy ?? '');
    const key = `${database}/${name}`;
    const before = planned.get(key);
    const schema = before?.schema ?? partition.policy;
    const firstDay =
      before !== undefined && before.firstDay < partition.firstDay ? before.firstDay : partition.firstDay;
    planned.set(key, { database, name, firstDay, ...(schema && { schema }) });
  }
  return [...planned].map(([key, { schema: inBackup, ...policy }]) => {
    const schema = merged(inBackup, policies[key] ?? policies[policy.name]);
    return { ...policy, ...(schema && { schema }) };
  });
}

/** Merges member by member: a caller who gives only a duration does not mean to lose the rest. */
function merged(inBackup: PolicySchema | undefined, given: PolicySchema | undefined): PolicySchema | undefined {
  if (inBackup === undefined || given === undefined) return given ?? inBackup;
  const { shardDuration, ...rest } = { ...inBackup, ...given };
  // InfluxDB refuses shards that are longer than the policy keeps points; without a shard duration it chooses one.
  const fits =
    given.shardDuration !== undefined || (durationMs(shardDuration ?? '') ?? 0) <= (durationMs(rest.duration) ?? 0);
  return { ...rest, ...(shardDuration !== undefined && fits && { shardDuration }) };
}
