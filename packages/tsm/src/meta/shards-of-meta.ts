import type { StorageMeta } from './storage-meta';

/** Returns whether a shard with an id belongs to a policy. */
export type NamesShard = (database: string, retentionPolicy: string, id: number) => boolean;

/** Returns what looks up the shards that metadata names, in a time that does not grow with their number. */
export function shardsOf({ databases }: StorageMeta): NamesShard {
  const known = new Map<string, Set<number>>();
  for (const { name: database, retentionPolicies } of databases) {
    for (const { name, shardGroups } of retentionPolicies) {
      known.set(keyOf(database, name), new Set(shardGroups.flatMap(({ shardIds }) => shardIds)));
    }
  }
  return (database, retentionPolicy, id) => known.get(keyOf(database, retentionPolicy))?.has(id) ?? false;
}

function keyOf(database: string, retentionPolicy: string): string {
  return JSON.stringify([database, retentionPolicy]);
}
