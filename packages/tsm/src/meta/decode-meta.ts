import { damaged } from '../errors';
import { ProtobufMessage } from './protobuf';
import type {
  DatabaseMeta,
  RetentionPolicyMeta,
  ShardGroupMeta,
  StorageMeta,
  SubscriptionMeta,
  UserMeta,
} from './storage-meta';

/**
 * Decodes InfluxDB's `meta.Data`, as `meta/meta.db` holds it and the snapshot service sends it. Nodes and the hashes of passwords are left
 * out.
 *
 * Source of the numbers: `services/meta/internal/meta.proto` of InfluxDB 1.x; they have not changed from 1.6 to 1.12.
 *
 * @throws TsmError `DAMAGED`
 */
export function decodeMeta(bytes: Uint8Array): StorageMeta {
  const data = new ProtobufMessage(bytes);
  return {
    databases: data.messages(5, databaseOf),
    users: data.messages(6, userOf),
    shardGroupIdMax: data.count(8),
    shardIdMax: data.count(9),
  };
}

/**
 * Returns the `meta.Data` in the `….meta` file of a portable backup, which is a message around it.
 *
 * @throws TsmError `DAMAGED`
 */
export function portableMetaData(bytes: Uint8Array): Uint8Array {
  const message = new ProtobufMessage(bytes);
  const data = message.bytes(1);
  if (data === undefined) throw damaged('The metadata of the backup is empty');
  // InfluxDB always writes it last.
  if (!message.has(2)) throw damaged('The metadata of the backup lacks the highest id of a node: it was cut');
  return data;
}

function databaseOf(message: ProtobufMessage): DatabaseMeta {
  return {
    name: message.text(1),
    defaultRetentionPolicy: message.text(2),
    retentionPolicies: message.messages(3, policyOf),
    continuousQueries: message.messages(4, (query) => ({ name: query.text(1), query: query.text(2) })),
  };
}

function policyOf(message: ProtobufMessage): RetentionPolicyMeta {
  return {
    name: message.text(1),
    durationNs: message.int64(2),
    shardGroupDurationNs: message.int64(3),
    replication: message.count(4),
    shardGroups: message.messages(5, groupOf),
    subscriptions: message.messages(6, subscriptionOf),
  };
}

function subscriptionOf(message: ProtobufMessage): SubscriptionMeta {
  return { name: message.text(1), mode: message.text(2), destinations: message.texts(3) };
}

function userOf(message: ProtobufMessage): UserMeta {
  return {
    name: message.text(1),
    isAdmin: message.int64(3) !== 0n,
    privileges: message.messages(4, (one) => ({
      database: one.text(1),
      privilege: privileges[Number(one.int64(2))] ?? 'none',
    })),
  };
}

/** The numbers of `influxql.Privilege`. */
const privileges = ['none', 'read', 'write', 'all'] as const;

function groupOf(message: ProtobufMessage): ShardGroupMeta {
  const [start, endNs] = [message.int64(2), message.int64(3)];
  // The first group of all begins before the first time that an int64 can say, and influxd lets it wrap around.
  const startNs = start < endNs ? start : start - (1n << 64n);
  const [deletedAtNs, truncatedAtNs] = [message.int64(4), message.int64(6)];
  return {
    id: message.count(1),
    startNs,
    endNs,
    ...(deletedAtNs === 0n ? {} : { deletedAtNs }),
    ...(truncatedAtNs === 0n ? {} : { truncatedAtNs }),
    shardIds: message.messages(5, (shard) => shard.count(1)),
  };
}
