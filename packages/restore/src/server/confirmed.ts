import type { RestoreError } from '../errors';
import { quoted, type ServerPolicy } from './connection';
import { serverFault } from './faults';
import { type Creation, findPolicy, type PlannedPolicy, type ServerSchema } from './policies/schema';

/**
 * Refuses a server that accepted the statements and does not list what they create: it is not InfluxDB, and would accept
 * the points just the same without storing them.
 *
 * @param prepared what the server lists after the statements
 * @throws RestoreError `SERVER_UNSUPPORTED`
 */
export function refuseUnconfirmed(
  url: string,
  prepared: ServerSchema,
  creates: readonly Creation[],
  planned: readonly PlannedPolicy[],
): void {
  for (const create of creates) {
    const difference = differenceOf(create, prepared, creates);
    if (difference !== undefined) throw unconfirmed(url, create.statement, difference);
  }
  for (const { database, name } of planned) {
    if (findPolicy(prepared, database, name) !== undefined) continue;
    const what = name === '' ? 'no default policy' : `no policy '${name}'`;
    const check = 'If it is InfluxDB, create the policy, or set `retention-autocreate` in its configuration';
    throw serverFault('SERVER_UNSUPPORTED', url, `it lists ${what} in '${database}', so no point was sent. ${check}`);
  }
}

/** Returns the error for a server that accepted a statement and does not list its effect. */
export function unconfirmed(url: string, statement: string, difference: string): RestoreError {
  const reason = `it accepted '${statement}', but ${difference}, so no point was sent`;
  return serverFault('SERVER_UNSUPPORTED', url, reason);
}

/** Returns in which way the server does not list what a statement creates. */
function differenceOf(create: Creation, prepared: ServerSchema, creates: readonly Creation[]): string | undefined {
  const { database, policy } = create;
  if (!prepared.has(database)) return 'SHOW DATABASES does not list the database';
  if (policy === undefined) return undefined;
  const found = findPolicy(prepared, database, policy.name);
  // The last statement with DEFAULT decides.
  const isDefault = create === creates.findLast((other) => other.database === database && other.policy?.isDefault);
  const difference = found === undefined ? 'does not list the policy' : policyDifference(policy, isDefault, found);
  return difference && `SHOW RETENTION POLICIES ON ${quoted(database)} ${difference}`;
}

/** InfluxDB rounds a shorter shard duration up to its minimum (`MinRetentionPolicyDuration` in services/meta/data.go). */
const shardDurationMsMin = 3_600_000;

function policyDifference(
  { durationMs, shardDurationMs }: Pick<ServerPolicy, 'durationMs' | 'shardDurationMs'>,
  isDefault: boolean,
  found: ServerPolicy,
): string | undefined {
  if (!isSame(found.durationMs, durationMs)) return `lists a duration of ${inHours(found.durationMs)}`;
  const shardMs = Math.max(shardDurationMs, shardDurationMsMin);
  // Without a shard duration in the statement, the server chooses one.
  if (shardDurationMs !== Infinity && !isSame(found.shardDurationMs, shardMs)) {
    return `lists a shard duration of ${inHours(found.shardDurationMs)}`;
  }
  return isDefault && !found.isDefault ? 'does not list it as the default' : undefined;
}

/** Compares to the millisecond: a sum of fractions may differ in its last digits. */
function isSame(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) < 1;
}

function inHours(ms: number): string {
  return ms === Infinity ? 'INF' : `${ms / 3_600_000}h`;
}
