import type { PolicySchema } from '@ceres/lineproto';
import { RestoreError } from '../errors';
import { quoted, type Target, type TargetPolicy } from './connection';
import { durationMs } from './duration';

/** A policy that a restore writes to, by its name on the target. */
export interface WantedPolicy {
  readonly database: string;
  /** `''` is the database's default policy. */
  readonly name: string;
  /** YYYYMMDD, UTC, of the first planned file that goes into it. */
  readonly firstDay: string;
  /** How to create it. */
  readonly schema?: PolicySchema;
}

/** The policies of a target, by database. A database that is not there has no entry. */
export type TargetSchema = ReadonlyMap<string, readonly TargetPolicy[]>;

export async function readSchema(target: Target, databases: Iterable<string>): Promise<TargetSchema> {
  const existing = new Set(await target.databases());
  const schema = new Map<string, readonly TargetPolicy[]>();
  for (const database of new Set(databases)) {
    if (existing.has(database)) schema.set(database, await target.policies(database));
  }
  return schema;
}

/**
 * The statements that create what is missing. What exists is left as it is, whatever the backup says of it.
 *
 * @throws RestoreError `INVALID_OPTIONS` for a policy that is missing and of which nobody says how long it keeps
 */
export function missingSchema(existing: TargetSchema, wanted: readonly WantedPolicy[]): string[] {
  const statements: string[] = [];
  for (const database of new Set(wanted.map((policy) => policy.database))) {
    const here = wanted.filter((policy) => policy.database === database);
    const there = existing.get(database);
    if (there === undefined) statements.push(createDatabase(database, here));
    for (const policy of here) {
      if (policy.name === '' || there?.some(({ name }) => name === policy.name)) continue;
      if (there === undefined && policy.name === firstPolicy) continue;
      statements.push(createPolicy(policy));
    }
  }
  return statements;
}

/** Of the policy that InfluxDB creates with a database. */
const firstPolicy = 'autogen';

/** @returns the policy that a name stands for on the target; `''` is its default */
export function findPolicy(schema: TargetSchema, database: string, name: string): TargetPolicy | undefined {
  return schema.get(database)?.find((policy) => (name === '' ? policy.isDefault : policy.name === name));
}

/** Where nothing named will be the default, the first policy is, and takes the schema of the files without one. */
function createDatabase(database: string, policies: readonly WantedPolicy[]): string {
  const create = `CREATE DATABASE ${quoted(database)}`;
  const first = policies.find(({ name }) => name === '' || name === firstPolicy);
  const named = policies.some(({ name, schema }) => name !== '' && name !== firstPolicy && schema?.isDefault);
  if (first?.schema === undefined || (named && first.name === '')) return create;
  const { duration, replication, shardDuration } = checked(first, first.schema);
  return `${create} WITH DURATION ${duration} REPLICATION ${replication}${shardDuration} NAME ${quoted(firstPolicy)}`;
}

function createPolicy(policy: WantedPolicy): string {
  const { database, name, schema } = policy;
  if (schema === undefined) {
    const missing = `The target has no retention policy '${name}' in '${database}', and no file says how long it keeps.`;
    throw new RestoreError('INVALID_OPTIONS', `${missing} Say it: policies: { '${name}': { duration: '5d' } }.`);
  }
  const { duration, replication, shardDuration } = checked(policy, schema);
  const create = `CREATE RETENTION POLICY ${quoted(name)} ON ${quoted(database)}`;
  return `${create} DURATION ${duration} REPLICATION ${replication}${shardDuration}${schema.isDefault ? ' DEFAULT' : ''}`;
}

/**
 * InfluxDB's own (`MinRetentionPolicyDuration` in services/meta/data.go), asked here since InfluxDB would ask only once
 * a wipe had begun.
 */
const durationMsMin = 3_600_000;

/** A schema comes from a file or an option: nothing of it reaches a statement unread. */
function checked({ database, name }: WantedPolicy, { duration, shardDuration, replication = 1 }: PolicySchema) {
  const of = `the policy '${name}' of '${database}'`;
  if (!Number.isSafeInteger(replication) || replication < 1) {
    throw new RestoreError('INVALID_OPTIONS', `The replication of ${of} is ${replication}, which is no count.`);
  }
  const keptMs = checkedDuration(duration, of);
  const shardMs = shardDuration === undefined ? Infinity : checkedDuration(shardDuration, of);
  if (keptMs < durationMsMin) {
    throw new RestoreError('INVALID_OPTIONS', `'${duration}' is too short for ${of}: InfluxDB keeps an hour or more.`);
  }
  if (shardMs !== Infinity && shardMs > keptMs) {
    const both = `The shards of ${of} would be ${shardDuration}, and it keeps only ${duration}`;
    throw new RestoreError('INVALID_OPTIONS', `${both}: InfluxDB takes no shards that are longer.`);
  }
  return {
    duration: keptMs === Infinity ? 'INF' : duration,
    replication,
    // 0 leaves it to the server.
    shardDuration: shardMs === Infinity ? '' : ` SHARD DURATION ${shardDuration}`,
  };
}

function checkedDuration(text: string, of: string): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new RestoreError('INVALID_OPTIONS', `'${text}' is no duration for ${of}: write it as 5d, 12h or INF.`);
}
