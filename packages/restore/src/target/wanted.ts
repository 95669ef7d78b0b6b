import type { PolicySchema } from '@ceres/lineproto';
import type { TargetNames } from '../options/target';
import type { PartitionPlan } from '../plan/types';
import type { WantedPolicy } from './schema';

/**
 * The policies that the partitions of a plan are restored into. Where several meet in one, the first that knows a schema
 * tells it; `policies` (by `database/policy` or `policy`, as on the target) goes before what the files say.
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
    const schema = wanted.get(key)?.schema ?? policies[key] ?? policies[name] ?? partition.policy;
    wanted.set(key, { database, name, ...(schema && { schema }) });
  }
  return [...wanted.values()];
}
