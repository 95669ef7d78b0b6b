import type { PolicySchema } from '@ceres/lineproto';
import type { NameMap } from '../../options/name-map';
import { type PartitionPlan, policyNamesOf } from '../../plan/types';
import { durationMs } from '../duration';
import { autogen, type PlannedPolicy } from './schema';

/**
 * Returns the policies that the partitions of a plan are restored into. If several partitions go into one policy, its
 * schema is that of the first partition with one. `policies` (by the name on the server, `database/policy` or `policy`)
 * takes precedence over what the files say. `policies` may also describe the default policy by its own name (`autogen` if no file says
 * another), which that policy keeps unless `policies` makes another planned policy the default.
 */
export function plannedPolicies(
  partitions: readonly PartitionPlan[],
  map: NameMap,
  policies: Readonly<Record<string, PolicySchema>>,
): PlannedPolicy[] {
  const planned = new Map<string, PlannedPolicy>();
  for (const partition of partitions) {
    const database = map.database(partition.database);
    for (const inBackup of policyNamesOf(partition)) {
      const name = map.retentionPolicy(inBackup);
      const key = `${database}/${name}`;
      const before = planned.get(key);
      const schema = before?.schema ?? schemaOf(partition, name);
      const firstDay =
        before !== undefined && before.firstDay < partition.firstDay ? before.firstDay : partition.firstDay;
      planned.set(key, { database, name, firstDay, ...(schema && { schema }) });
    }
  }
  const withOtherDefault = new Set<string>();
  for (const { database, name } of planned.values()) {
    if (name !== '' && givenFor(database, name, policies)?.isDefault) withOtherDefault.add(database);
  }
  return [...planned.values()].map(({ schema: inBackup, ...policy }) => {
    const { database, name } = policy;
    const names = name === '' ? ['', inBackup?.name ?? autogen] : [name];
    const given = names.map((known) => givenFor(database, known, policies)).find((found) => found !== undefined);
    const schema = merged(inBackup, given);
    return {
      ...policy,
      ...(schema && { schema: withOtherDefault.has(database) ? withoutName(schema) : schema }),
      ...(given && { isGiven: true }),
    };
  });
}

/**
 * Returns what a partition's files say of their policy. The name of the default policy counts only from files of that policy, whether they
 * name it or not, into the same policy.
 */
function schemaOf({ retentionPolicy = '', policy }: PartitionPlan, onServer: string): PolicySchema | undefined {
  const isOwn = retentionPolicy === onServer && (onServer === '' || onServer === policy?.name);
  return policy === undefined || isOwn ? policy : withoutName(policy);
}

function withoutName({ name: _, ...schema }: PolicySchema): PolicySchema {
  return schema;
}

function givenFor(
  database: string,
  name: string,
  policies: Readonly<Record<string, PolicySchema>>,
): PolicySchema | undefined {
  return policies[`${database}/${name}`] ?? policies[name];
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
