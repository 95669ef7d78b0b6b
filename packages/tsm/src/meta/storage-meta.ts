/** What InfluxDB keeps about its databases, apart from their points: the parts of its `meta.Data` that a backup needs. Format: docs/storage-engine.md, "Metadata". */
export interface StorageMeta {
  readonly databases: readonly DatabaseMeta[];
  /** `undefined` if it is not known. */
  readonly users?: readonly UserMeta[];
  /** The highest numbers in use. */
  readonly shardGroupIdMax: number;
  readonly shardIdMax: number;
}

/** A database with its policies. Format: docs/storage-engine.md, "Metadata". */
export interface DatabaseMeta {
  readonly name: string;
  /** Empty if the database has none. */
  readonly defaultRetentionPolicy: string;
  readonly retentionPolicies: readonly RetentionPolicyMeta[];
  readonly continuousQueries: readonly { readonly name: string; readonly query: string }[];
}

/** A policy with its shard groups. Format: docs/storage-engine.md, "Metadata". */
export interface RetentionPolicyMeta {
  readonly name: string;
  /** 0: points are kept for ever. */
  readonly durationNs: bigint;
  readonly shardGroupDurationNs: bigint;
  readonly replication: number;
  readonly shardGroups: readonly ShardGroupMeta[];
  /** `undefined` if it is not known. */
  readonly subscriptions?: readonly SubscriptionMeta[];
}

/** A subscription of a policy, to which InfluxDB passes what is written. Format: docs/storage-engine.md, "Metadata". */
export interface SubscriptionMeta {
  readonly name: string;
  /** `ALL` or `ANY`. */
  readonly mode: string;
  readonly destinations: readonly string[];
}

/** A user, without the hash of its password. Format: docs/storage-engine.md, "Metadata". */
export interface UserMeta {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly privileges: readonly { readonly database: string; readonly privilege: 'none' | 'read' | 'write' | 'all' }[];
}

/** The shards of a stretch of time: one in a single server. Format: docs/storage-engine.md, "Metadata". */
export interface ShardGroupMeta {
  readonly id: number;
  /** The first time of the group. The first of all groups begins before the first int64. */
  readonly startNs: bigint;
  /** The first time after the group. */
  readonly endNs: bigint;
  /** When it was deleted; `undefined` if it was not. */
  readonly deletedAtNs?: bigint;
  /** The time from which on it takes no more points; `undefined` if it takes all. */
  readonly truncatedAtNs?: bigint;
  readonly shardIds: readonly number[];
}
