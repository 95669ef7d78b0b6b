import { type InfluxServer, querySeries } from '@ceres/influx-http';
import {
  internalDatabase,
  nanosecondsOf,
  type PolicyRow,
  readPolicyRows,
  readShardSizes,
} from '@ceres/influx-http/internal';
import { type Clock, parseDurationMs, Rate } from '@ceres/internal';
import type { DatabaseMeta, RetentionPolicyMeta } from '@ceres/tsm';
import type { SeedShard, SeedSource } from '../contract';
import { openQueryShard } from './query-shard';
import { groupShards, listShards, type ShardGroup, type ShardPolicy } from './server-shards';
import { unlistedShards } from './unlisted-shards';

/** Says how a server is read by queries. */
export interface QueryOptions {
  readonly server: InfluxServer;
  readonly rateLinesPerSecond: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/**
 * Opens a server that is read by queries, shard by shard.
 *
 * @throws InfluxHttpError; the signal's reason
 */
export async function openQuery(url: string, options: QueryOptions): Promise<SeedSource> {
  const { server, clock, signal } = options;
  const takenMs = clock.now();
  const databases = await readDatabases(server, signal);
  const listed = await listShards(server, signal);
  const sizes = await readShardSizes(server, signal ? { signal } : {});
  const reading = { server, rate: new Rate(options.rateLinesPerSecond, clock), signal };
  const shards: SeedShard[] = [];
  for (const { name: database, retentionPolicies } of databases) {
    for (const { name: retentionPolicy, shardGroupDurationNs } of retentionPolicies) {
      const policy: ShardPolicy = {
        database,
        retentionPolicy,
        shardDurationMs: Number(shardGroupDurationNs) / 1e6,
      };
      const groups = listed ? groupShards(listed, policy) : await unlistedShards(server, policy, signal);
      for (const group of groups) {
        const { id, firstNs: startNs, lastNs } = group;
        const endNs = lastNs + 1n;
        const open = async () => openQueryShard(policy, group, reading);
        shards.push({ database, retentionPolicy, id, sizeBytes: sizeOf(group, sizes), startNs, endNs, open });
      }
    }
  }
  return {
    kind: 'query',
    name: url,
    server: url,
    takenMs,
    databases,
    users: undefined,
    losses: [],
    unchecked: [],
    shards,
  };
}

function sizeOf({ shardIds }: ShardGroup, sizes: ReadonlyMap<number, number>): number | undefined {
  const known = shardIds.flatMap((id) => sizes.get(id) ?? []);
  return known.length < Math.max(1, shardIds.length) ? undefined : known.reduce((sum, bytes) => sum + bytes, 0);
}

async function readDatabases(server: InfluxServer, signal: AbortSignal | undefined): Promise<readonly DatabaseMeta[]> {
  const names: string[] = [];
  for await (const { columns, values } of querySeries(server, '', 'SHOW DATABASES', signal ? { signal } : {})) {
    names.push(values[columns.indexOf('name')] ?? '');
  }
  const databases: DatabaseMeta[] = [];
  for (const name of names.filter((one) => one !== internalDatabase).sort()) {
    const rows = await readPolicyRows(server, name, signal);
    const defaultRetentionPolicy = rows.find((row) => row.default)?.name ?? '';
    const retentionPolicies = rows.map(policyOf).sort((a, b) => (a.name < b.name ? -1 : 1));
    databases.push({ name, defaultRetentionPolicy, retentionPolicies, continuousQueries: [] });
  }
  return databases;
}

function policyOf({ name, duration, shardGroupDuration = '', replicaN }: PolicyRow): RetentionPolicyMeta {
  const durationNs = nanosecondsOf(parseDurationMs(duration) ?? 0);
  const shardGroupDurationNs = nanosecondsOf(parseDurationMs(shardGroupDuration) ?? 0);
  return { name, durationNs, shardGroupDurationNs, replication: replicaN, shardGroups: [] };
}
