import { RestoreError } from '../errors';
import type { Journal } from '../journal/journal';
import type { NameMap } from '../options/name-map';
import { quoted, type ServerConnection, type ServerPolicy } from './connection';
import { type Creation, findPolicy, type PlannedPolicy, type ServerSchema } from './policies/schema';

/**
 * Refuses a server that holds a point in one of the policies.
 *
 * @throws RestoreError `SERVER_NOT_EMPTY`
 */
export async function refuseNonEmpty(
  server: ServerConnection,
  schema: ServerSchema,
  planned: readonly PlannedPolicy[],
  isNative: boolean,
): Promise<void> {
  for (const { database, name } of planned) {
    const policy = findPolicy(schema, database, name);
    const measurement = policy && (await measurementWithPoints(server, policy));
    if (policy === undefined || measurement === undefined) continue;
    const what = `already holds points: '${measurement}' in policy '${policy.name}' of '${database}'`;
    const todo = isNative
      ? 'To add only what is missing there, set native.fill (--fill). If the backup must win, leave native (--native) out and set intoExisting (--into-existing). Or empty it with wipe (--wipe)'
      : 'To restore anyway, set intoExisting (--into-existing). Or empty it with wipe (--wipe)';
    throw new RestoreError('SERVER_NOT_EMPTY', `The server ${server.url} ${what}. ${todo}, or use another server.`);
  }
}

/**
 * Returns a measurement with a point in the policy. It asks for one measurement at a time, because a query over all of
 * them would open every series at once.
 */
export async function measurementWithPoints(
  server: ServerConnection,
  policy: ServerPolicy,
): Promise<string | undefined> {
  for (const measurement of await server.measurements(policy.database)) {
    const query = `SELECT * FROM ${quoted(policy.name)}.${quoted(measurement)} LIMIT 1`;
    if ((await server.ask(policy.database, query)).length > 0) return measurement;
  }
  return undefined;
}

/**
 * Refuses a server that was replaced since the journal began: the points that the journal counts as restored are gone, and
 * to restore only the rest would leave a silent gap. Such a server lacks the policy, or has no shard of it. A policy that
 * got no point yet may be missing, and so may the shards of a policy whose points expire.
 *
 * @throws RestoreError `JOURNAL_MISMATCH`
 */
export async function refuseReplacedServer(
  server: ServerConnection,
  { path, done }: Journal,
  schema: ServerSchema,
  planned: readonly PlannedPolicy[],
  map: NameMap,
): Promise<void> {
  const filled = new Set(
    done.partitions().map(({ database, retentionPolicy = '' }) => {
      return `${map.database(database)}/${map.retentionPolicy(retentionPolicy)}`;
    }),
  );
  if (filled.size === 0) return;
  const shards = new Set((await server.shards()).map((shard) => `${shard.database}/${shard.retentionPolicy}`));
  for (const { database, name } of planned) {
    if (!filled.has(`${database}/${name}`)) continue;
    const policy = findPolicy(schema, database, name);
    const isEmpty = policy?.durationMs === Infinity && !shards.has(`${database}/${policy.name}`);
    if (policy !== undefined && !isEmpty) continue;
    const where = `${name === '' ? 'the default policy' : `the policy '${name}'`} of '${database}'`;
    const now = isEmpty ? 'holds no points there now' : 'has no such policy now';
    const what = `According to the journal ${path}, files were restored into ${where}, but the server ${now}`;
    const todo = 'To restore everything again, use a new journal (--journal-file).';
    throw new RestoreError('JOURNAL_MISMATCH', `${what}: the server was replaced, or the policy dropped. ${todo}`);
  }
}

/**
 * Refuses an existing database without a default policy if files go into that policy: InfluxDB allows a database to lose it,
 * and no statement of the restore would make another one the default.
 *
 * @throws RestoreError `INVALID_OPTIONS`
 */
export function refuseMissingDefault(
  url: string,
  schema: ServerSchema,
  creates: readonly Creation[],
  planned: readonly PlannedPolicy[],
): void {
  for (const { database, name } of planned) {
    if (name !== '' || !schema.has(database) || findPolicy(schema, database, '') !== undefined) continue;
    if (creates.some((create) => create.database === database && create.policy?.isDefault)) continue;
    const what = `The server ${url}: the database '${database}' has no default policy, and files of the backup go into it`;
    const todo = 'Make a policy the default with ALTER RETENTION POLICY … DEFAULT';
    throw new RestoreError('INVALID_OPTIONS', `${what}. ${todo}, or name one with mapRetentionPolicy: { '': '…' }.`);
  }
}
