import { ProtobufWriter } from './protobuf-writer';
import type { DatabaseMeta, RetentionPolicyMeta, ShardGroupMeta, StorageMeta } from './storage-meta';

/**
 * Encodes InfluxDB's `meta.Data`. What a `StorageMeta` does not have (nodes, users, subscriptions) is left out.
 *
 * Source of the numbers, and of which fields must be there: `services/meta/internal/meta.proto` of InfluxDB 1.x.
 */
export function encodeMeta({ databases, shardGroupIdMax, shardIdMax }: StorageMeta): Uint8Array {
  // The term, the index and the id of a cluster stand for nothing in a single server, and must be there.
  return new ProtobufWriter()
    .int(1, 1)
    .int(2, 1)
    .int(3, 0)
    .messages(5, databases, writeDatabase)
    .int(7, 0)
    .int(8, shardGroupIdMax)
    .int(9, shardIdMax).written;
}

/** Returns the `….meta` file of a portable backup: a message around `meta.Data`, and the highest id of a node. */
export function aroundMeta(data: Uint8Array): Uint8Array {
  return new ProtobufWriter().bytes(1, data).int(2, 0).written;
}

function writeDatabase(message: ProtobufWriter, database: DatabaseMeta): void {
  message
    .text(1, database.name)
    .text(2, database.defaultRetentionPolicy)
    .messages(3, database.retentionPolicies, writePolicy)
    .messages(4, database.continuousQueries, (one, { name, query }) => one.text(1, name).text(2, query));
}

function writePolicy(message: ProtobufWriter, policy: RetentionPolicyMeta): void {
  message
    .text(1, policy.name)
    .int(2, policy.durationNs)
    .int(3, policy.shardGroupDurationNs)
    .int(4, policy.replication)
    .messages(5, policy.shardGroups, writeGroup);
}

function writeGroup(message: ProtobufWriter, group: ShardGroupMeta): void {
  message
    .int(1, group.id)
    .int(2, group.startNs)
    .int(3, group.endNs)
    .int(4, group.deletedAtNs ?? 0)
    .messages(5, group.shardIds, (shard, id) => shard.int(1, id));
  if (group.truncatedAtNs !== undefined) message.int(6, group.truncatedAtNs);
}
