import type { StorageMeta } from '../meta/storage-meta';
import type { Shard } from '../shards/contract';

/** A shard in a container, not opened yet. */
export interface StoredShard {
  readonly database: string;
  readonly retentionPolicy: string;
  /** InfluxDB's number of the shard. */
  readonly id: number;
  /** The bytes of its files before they are unpacked. `undefined` if the container does not know. */
  readonly sizeBytes: number | undefined;
  /**
   * Opens the shard. A container that is an archive unpacks it first, into memory or into the scratch folder; `close()` of the shard
   * removes what was unpacked.
   */
  open(): Promise<Shard>;
}

/** A place in which shards are kept: a portable backup folder, a data directory, the snapshot service of a server. */
export interface ShardContainer {
  /** Databases, policies and shard groups. `undefined` if the container has no metadata. */
  readonly meta: StorageMeta | undefined;
  /** Sorted by database, policy and id. */
  readonly shards: readonly StoredShard[];
}
