import type { PolicySchema } from '@ceres/lineproto';
import { RestoreError } from '../../errors';
import { quoted, type ServerConnection, type ServerPolicy } from '../connection';
import { durationMs } from '../duration';

/** A policy that a plan restores into, by its names on the server. */
export interface PlannedPolicy {
  readonly database: string;
  /** `''` is the database's default policy. */
  readonly name: string;
  /** The day of the first planned file that goes into it, UTC, as YYYYMMDD. */
  readonly firstDay: string;
  /** How to create it. */
  readonly schema?: PolicySchema;
  /** Set if an option says how, not a file alone. */
  readonly isGiven?: true;
}

/** A statement that creates a database or a policy, and what a SHOW must list after it. */
export interface Creation {
  readonly statement: string;
  readonly database: string;
  /** Absent if the statement creates a database and leaves its first policy to the server. */
  readonly policy?: Omit<ServerPolicy, 'database'>;
}

/** The policies of a server, by database. A database that does not exist has no entry. */
export type ServerSchema = ReadonlyMap<string, readonly ServerPolicy[]>;

/** Reads the policies of those databases that exist. */
export async function readSchema(server: ServerConnection, databases: Iterable<string>): Promise<ServerSchema> {
  const existing = new Set(await server.databases());
  const schema = new Map<string, readonly ServerPolicy[]>();
  for (const database of new Set(databases)) {
    if (existing.has(database)) schema.set(database, await server.policies(database));
  }
  return schema;
}

/**
 * Returns the statements that create what is missing. What exists stays as it is, whatever the backup says about it.
 *
 * @throws RestoreError `INVALID_OPTIONS` for a missing policy if neither a file nor an option says how long it keeps points
 */
export function missingSchema(existing: ServerSchema, planned: readonly PlannedPolicy[]): Creation[] {
  const creations: Creation[] = [];
  for (const database of new Set(planned.map((policy) => policy.database))) {
    const here = planned.filter((policy) => policy.database === database);
    const ownName = here.find(saysDefaultName)?.schema?.name;
    const present = new Set(existing.get(database)?.map(({ name }) => name));
    if (!existing.has(database)) {
      creations.push(createDatabase(database, here));
      present.add(ownName ?? autogen);
    }
    for (const policy of here) {
      if (policy.name === '' || present.has(policy.name)) continue;
      // A file that was written when another policy was the default must not make that one the default again.
      const isDefault = policy.schema?.isDefault === true && (ownName === undefined || ownName === policy.name);
      // A new database has no autogen if its first policy has another name.
      const isLeftOut = policy.name === autogen && !existing.has(database);
      creations.push(createPolicy(policy, policy.schema ?? (isLeftOut ? { duration: 'INF' } : undefined), isDefault));
    }
  }
  return creations;
}

/** Says whether the files of a policy say that it was the default, and under which name. */
function saysDefaultName({ name, schema }: PlannedPolicy): boolean {
  return schema?.name !== undefined && (name === '' || name === schema.name);
}

/** The name that InfluxDB gives to the first policy of a database, which keeps points forever, if the statement gives none. */
export const autogen = 'autogen';

/** Returns the server's policy of that name; `''` is the default policy. */
export function findPolicy(schema: ServerSchema, database: string, name: string): ServerPolicy | undefined {
  return schema.get(database)?.find((policy) => (name === '' ? policy.isDefault : policy.name === name));
}

/**
 * Returns the statement that creates a database and its first policy, which is the default: the one whose files say its
 * name. It is one statement, because a crash between two would leave a database whose
 * default policy is another one, and the next run leaves what exists as it is. If no file knows the name, it is
 * InfluxDB's, and a named policy may become the default instead.
 */
function createDatabase(database: string, policies: readonly PlannedPolicy[]): Creation {
  const statement = `CREATE DATABASE ${quoted(database)}`;
  const withOwnName = policies.find(saysDefaultName);
  const first = withOwnName ?? policies.find(({ name }) => name === '' || name === autogen);
  const named = policies.some(({ name, schema }) => name !== '' && name !== autogen && schema?.isDefault);
  if (first?.schema === undefined || (named && first.name === '' && withOwnName === undefined)) {
    return { statement, database };
  }
  const { name = autogen } = first.schema;
  const { options, ...kept } = checked({ database, name }, first.schema);
  return {
    statement: `${statement} WITH ${options} NAME ${quoted(name)}`,
    database,
    policy: { ...kept, name, isDefault: true },
  };
}

function createPolicy(policy: PlannedPolicy, schema: PolicySchema | undefined, isDefault: boolean): Creation {
  const { database, name } = policy;
  if (schema === undefined) {
    const missing = `The server has no retention policy '${name}' in '${database}', and no file says how long it keeps points.`;
    throw new RestoreError(
      'INVALID_OPTIONS',
      `${missing} Add it to the option policies: { '${name}': { duration: '5d' } }.`,
    );
  }
  const { options, ...kept } = checked(policy, schema);
  const create = `CREATE RETENTION POLICY ${quoted(name)} ON ${quoted(database)}`;
  return {
    statement: `${create} ${options}${isDefault ? ' DEFAULT' : ''}`,
    database,
    policy: { ...kept, name, isDefault },
  };
}

/**
 * InfluxDB's own minimum (`MinRetentionPolicyDuration` in services/meta/data.go). It is checked here because InfluxDB
 * would refuse only after a wipe has begun.
 */
const durationMsMin = 3_600_000;

/** Checks a schema, which comes from a file or an option: nothing in it reaches a statement unchecked. */
function checked(
  { database, name }: Pick<PlannedPolicy, 'database' | 'name'>,
  { duration, shardDuration, replication = 1 }: PolicySchema,
) {
  const of = `the policy '${name}' of '${database}'`;
  if (!Number.isSafeInteger(replication) || replication < 1) {
    throw new RestoreError(
      'INVALID_OPTIONS',
      `Expected the replication of ${of} to be a whole number of at least 1, got ${replication}.`,
    );
  }
  const keptMs = checkedDuration(duration, of);
  const shardMs = shardDuration === undefined ? Infinity : checkedDuration(shardDuration, of);
  if (keptMs < durationMsMin) {
    throw new RestoreError(
      'INVALID_OPTIONS',
      `Expected the duration of ${of} to be at least 1h, as InfluxDB requires, got ${duration}.`,
    );
  }
  if (shardMs !== Infinity && shardMs > keptMs) {
    const expected = `Expected the shard duration of ${of} to be at most its duration, ${duration}`;
    throw new RestoreError('INVALID_OPTIONS', `${expected}, got ${shardDuration}.`);
  }
  const kept = `DURATION ${keptMs === Infinity ? 'INF' : duration} REPLICATION ${replication}`;
  return {
    // A shard duration of 0 leaves the choice to the server.
    options: shardMs === Infinity ? kept : `${kept} SHARD DURATION ${shardDuration}`,
    durationMs: keptMs,
    shardDurationMs: shardMs,
  };
}

function checkedDuration(text: string, of: string): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new RestoreError('INVALID_OPTIONS', `Expected a duration for ${of}, such as 5d, 12h or INF, got '${text}'.`);
}
