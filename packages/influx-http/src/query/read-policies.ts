import type { PolicySchema } from '@ceres/lineproto';
import type { InfluxServer } from '../options';
import { type PolicyRow, readPolicyRows, toPolicySchema } from '../schema/policy-rows';

/** The part of a node-influx client that `readPolicies` calls. Structural, so that these types compile where `influx` is not installed. */
export interface PolicyReader {
  showRetentionPolicies(database: string): Promise<readonly PolicyRow[]>;
}

/**
 * Reads the retention policies of databases from their server, once, for the sink's option `policies`: its files then
 * say how to create each policy again, and those that do not name their policy, which name the default policy has.
 *
 * ```ts
 * import { BackupSink, LocalStorage, readPolicies } from '@ceres/backup-sink';
 *
 * const sink = await BackupSink.open({
 *   storage: new LocalStorage('/var/backups/influx'),
 *   spoolDir: '/var/lib/ingest/spool',
 *   precision: 's',
 *   policies: await readPolicies({ url: 'http://127.0.0.1:8086' }, ['db_0']),
 * });
 * ```
 *
 * It does not know policies that are created later: read again at the next start, or give the sink a function of your own.
 *
 * @param influx the server, or a node-influx client of it
 * @throws InfluxHttpError any code but `CLOSED`; with a client, what the client throws
 */
export async function readPolicies(
  influx: InfluxServer | PolicyReader,
  databases: readonly string[],
): Promise<(partition: { readonly database: string; readonly retentionPolicy?: string }) => PolicySchema | undefined> {
  const byDatabase = new Map<string, Map<string, PolicySchema>>();
  for (const database of databases) {
    const policies = new Map<string, PolicySchema>();
    const rows =
      'showRetentionPolicies' in influx ? influx.showRetentionPolicies(database) : readPolicyRows(influx, database);
    for (const row of await rows) {
      const policy = toPolicySchema(row);
      policies.set(row.name, policy);
      if (policy.isDefault) policies.set('', { ...policy, name: row.name });
    }
    byDatabase.set(database, policies);
  }
  return ({ database, retentionPolicy = '' }) => byDatabase.get(database)?.get(retentionPolicy);
}
