import type { StorageMeta } from '../../meta/storage-meta';
import type { ShardContainer, StoredShard } from '../contract';
import { compareShardNames, type ShardName } from '../shard-name';
import type { SnapshotOptions } from './options';
import { SnapshotService } from './snapshot-service';

/** What is known of a server before its snapshot service is asked. */
export interface SnapshotContainerOptions extends SnapshotOptions {
  /** The sizes of shards by their ids, in bytes: `diskBytes` in `/debug/vars`. Without the scratch space for the largest, nothing is read. */
  readonly shardSizes?: ReadonlyMap<number, number>;
}

/**
 * Opens the snapshot service of a running server as a container: its metadata, and each shard when it is opened, as it is then.
 *
 * @example
 * ```ts
 * import { openSnapshotService } from '@ceres/tsm';
 *
 * const { shards } = await openSnapshotService('tcp://127.0.0.1:8088', { scratchDir: '/var/tmp' });
 * ```
 * @param url `tcp://127.0.0.1:8088`
 * @throws TsmError `INVALID_OPTIONS`, `UNREACHABLE`, `FOREIGN_SERVICE`, `INCOMPLETE`, `DAMAGED`; the signal's reason
 */
export async function openSnapshotService(
  url: string,
  { shardSizes = new Map(), ...options }: SnapshotContainerOptions = {},
): Promise<ShardContainer> {
  const service = new SnapshotService(url, options);
  const meta = await service.meta();
  const shards = shardNames(meta).map((shard): StoredShard => {
    const sizeBytes = shardSizes.get(shard.id);
    return { ...shard, sizeBytes, open: () => service.openShard(shard, { sizeBytes }) };
  });
  const largestBytes = shards.reduce((largest, { sizeBytes = 0 }) => Math.max(largest, sizeBytes), 0);
  await service.checkScratch(`The largest shard of ${service.url}`, largestBytes);
  return { meta, shards };
}

/** Returns the shards of all databases that were not deleted, sorted by database, policy and id. */
function shardNames({ databases }: StorageMeta): readonly ShardName[] {
  const names = databases.flatMap(({ name: database, retentionPolicies }) =>
    retentionPolicies.flatMap(({ name: retentionPolicy, shardGroups }) =>
      shardGroups
        .filter(({ deletedAtNs }) => deletedAtNs === undefined)
        .flatMap(({ shardIds }) => shardIds.map((id) => ({ database, retentionPolicy, id }))),
    ),
  );
  return names.sort(compareShardNames);
}
