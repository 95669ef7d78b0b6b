import type { PolicySchema } from '@ceres/lineproto';
import type { Partition } from '@ceres/storage';

/** A row of `SHOW RETENTION POLICIES`; node-influx' types lack the shard group's duration. */
export interface PolicyRow {
  readonly name: string;
  readonly duration: string;
  readonly replicaN: number;
  readonly default: boolean;
  readonly shardGroupDuration?: string;
}

/** The part of a node-influx client that `readPolicies` calls. Structural, so that these types compile where `influx` is not installed. */
export interface PolicyReader {
  showRetentionPolicies(database: string): Promise<readonly PolicyRow[]>;
}

/**
 * Reads the retention policies of databases from their server, once, for the sink's option `policies`: its files then
 * say how to create each policy again.
 *
 * ```ts
 * import { BackupSink, LocalStorage, readPolicies } from '@ceres/backup-sink';
 * import { InfluxDB } from 'influx';
 *
 * const sink = await BackupSink.open({
 *   storage: new LocalStorage('/var/backups/influx'),
 *   spoolDir: '/var/lib/ingest/spool',
 *   precision: 's',
 *   policies: await readPolicies(new InfluxDB('http://127.0.0.1:8086'), ['db_0']),
 * });
 * ```
 *
 * It does not know policies that are created later: read again at the next start, or give the sink a function of your own.
 *
 * @throws what the client throws
 */
export async function readPolicies(
  influx: PolicyReader,
  databases: readonly string[],
): Promise<(partition: Partition) => PolicySchema | undefined> {
  const byDatabase = new Map<string, Map<string, PolicySchema>>();
  for (const database of databases) {
    const policies = new Map<string, PolicySchema>();
    for (const row of await influx.showRetentionPolicies(database)) {
      const policy = toSchema(row);
      policies.set(row.name, policy);
      if (policy.isDefault) policies.set('', policy);
    }
    byDatabase.set(database, policies);
  }
  return ({ database, retentionPolicy = '' }) => byDatabase.get(database)?.get(retentionPolicy);
}

function toSchema({ duration, replicaN, default: isDefault, shardGroupDuration }: PolicyRow): PolicySchema {
  return {
    // The server prints 0s for a policy that keeps points forever, but accepts only INF where one is created.
    duration: /^0+s?$/.test(duration) ? 'INF' : duration,
    replication: replicaN,
    isDefault,
    ...(shardGroupDuration !== undefined && { shardDuration: shardGroupDuration }),
  };
}
