import { damaged } from '../errors';
import type { RetentionPolicyMeta, StorageMeta } from './storage-meta';

/**
 * Refuses metadata that contradicts itself. It has no checksum: a flipped bit in a name or a duration shows nowhere.
 *
 * @throws TsmError `DAMAGED`
 */
export function checkMeta({ databases, shardGroupIdMax, shardIdMax }: StorageMeta): void {
  const groups = new Set<number>();
  const shards = new Set<number>();
  refuseTwice(databases, 'databases');
  for (const { name, defaultRetentionPolicy, retentionPolicies } of databases) {
    refuseTwice(retentionPolicies, `policies in ${name}`);
    const names = retentionPolicies.map((policy) => policy.name);
    if (defaultRetentionPolicy !== '' && !names.includes(defaultRetentionPolicy)) {
      throw damaged(
        `The metadata names ${defaultRetentionPolicy} as the default policy of ${name}, and has no such policy`,
      );
    }
    for (const policy of retentionPolicies) checkGroups(policy, { groups, shards, shardGroupIdMax, shardIdMax });
  }
}

interface KnownIds {
  readonly groups: Set<number>;
  readonly shards: Set<number>;
  readonly shardGroupIdMax: number;
  readonly shardIdMax: number;
}

function checkGroups(
  { name, durationNs, shardGroupDurationNs, shardGroups }: RetentionPolicyMeta,
  ids: KnownIds,
): void {
  if (durationNs < 0n || shardGroupDurationNs < 0n) throw damaged(`The policy ${name} has a negative duration`);
  for (const { id, startNs, endNs, shardIds } of shardGroups) {
    if (startNs >= endNs) throw damaged(`The shard group ${id} ends before it begins`);
    add(ids.groups, id, ids.shardGroupIdMax, 'shard group');
    for (const shard of shardIds) add(ids.shards, shard, ids.shardIdMax, 'shard');
  }
}

function add(known: Set<number>, id: number, max: number, what: string): void {
  if (id < 1 || id > max) throw damaged(`The metadata has the ${what} ${id}, and says that ${max} is the highest`);
  if (known.has(id)) throw damaged(`The metadata has the ${what} ${id} twice`);
  known.add(id);
}

function refuseTwice(items: readonly { readonly name: string }[], what: string): void {
  const names = new Set<string>();
  for (const { name } of items) {
    if (name === '') throw damaged(`The metadata has ${what} without a name`);
    if (names.has(name)) throw damaged(`The metadata has two ${what} named ${name}`);
    names.add(name);
  }
}
