import type { ShardContainer, StorageMeta, StoredShard } from '@ceres/tsm';
import type { OnDoubtful, OpenShard, SeedShard } from './contract';

/** InfluxDB writes what it knows of itself into this database. No backup holds it. */
const ownDatabase = '_internal';

/** Returns the shards of a container with the times of their groups. */
export function containerShards(
  { meta, shards }: ShardContainer,
  open: (stored: StoredShard, onDoubtful: OnDoubtful | undefined) => Promise<OpenShard> = openStored,
): readonly SeedShard[] {
  const times = groupTimes(meta);
  return shards
    .filter(({ database }) => database !== ownDatabase)
    .map((stored) => {
      const { database, retentionPolicy, id, sizeBytes } = stored;
      const { startNs, endNs } = times.get(id) ?? { startNs: undefined, endNs: undefined };
      const openThis = (onDoubtful?: OnDoubtful) => open(stored, onDoubtful);
      return { database, retentionPolicy, id, sizeBytes, startNs, endNs, open: openThis };
    });
}

async function openStored(stored: StoredShard): Promise<OpenShard> {
  const shard = await stored.open();
  const losses = shard.mayLackCache ? [cacheInDoubt] : [];
  return { points: (range) => shard.points(range), losses, close: () => shard.close() };
}

const cacheInDoubt =
  'what was in the cache of the server may be missing: every answer took more than a second, as where another snapshot is being taken all the time, and InfluxDB from late 1.8 on leaves the cache out then. See whether another backup runs, then seed again';

function groupTimes(
  meta: StorageMeta | undefined,
): ReadonlyMap<number, { readonly startNs: bigint; readonly endNs: bigint }> {
  const groups = (meta?.databases ?? []).flatMap(({ retentionPolicies }) =>
    retentionPolicies.flatMap(({ shardGroups }) => shardGroups),
  );
  return new Map(groups.flatMap((group) => group.shardIds.map((id) => [id, group] as const)));
}
