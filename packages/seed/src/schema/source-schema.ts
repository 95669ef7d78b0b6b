import {
  byDatabase,
  continuousQuery,
  type DatabaseSchema,
  type InfluxSchema,
  internalDatabase,
  readSchema,
  type UserSchema,
} from '@ceres/influx-http/internal';
import type { DatabaseMeta, RetentionPolicyMeta, UserMeta } from '@ceres/tsm';
import type { ResolvedSeed } from '../options';
import type { SeedPlan } from '../plan';
import { isNotImplemented } from '../source/query/server-shards';
import { policyOf } from './policy';

/**
 * Returns databases, policies, continuous queries, subscriptions and users of a source: from the HTTP API of its server, where that is given, or from its
 * metadata. `undefined` if the source does not know its databases.
 *
 * @throws InfluxHttpError; the signal's reason
 */
export async function sourceSchema(
  { source }: SeedPlan,
  { influx, selection, signal }: Pick<ResolvedSeed, 'influx' | 'selection' | 'signal'>,
): Promise<InfluxSchema | undefined> {
  const { databases } = selection;
  const server = influx ?? (source.kind === 'query' ? { url: source.name } : undefined);
  if (server !== undefined) {
    try {
      return await readSchema(server, { ...(databases && { databases }), ...(signal && { signal }) });
    } catch (error) {
      if (source.kind !== 'query' || !isNotImplemented(error)) throw error;
    }
  }
  const selected = source.databases?.filter(
    ({ name }) => name !== internalDatabase && databases?.includes(name) !== false,
  );
  if (selected === undefined) return undefined;
  const names = new Set(selected.map(({ name }) => name));
  const users = source.users?.map((user) => userOf(user, names));
  return { databases: selected.map(databaseOf), ...(users && { users }) };
}

/** What is not known is left out: InfluxDB 2 tells no subscriptions. */
function databaseOf({
  name,
  defaultRetentionPolicy,
  retentionPolicies,
  continuousQueries,
}: DatabaseMeta): DatabaseSchema {
  return {
    name,
    policies: retentionPolicies.map((policy) => ({
      ...policyOf(policy),
      isDefault: policy.name === defaultRetentionPolicy,
      name: policy.name,
    })),
    continuousQueries: continuousQueries.map((one) => continuousQuery(one.name, one.query)),
    subscriptions: retentionPolicies.flatMap(subscriptionsOf),
  };
}

function subscriptionsOf({ name: retentionPolicy, subscriptions = [] }: RetentionPolicyMeta) {
  return subscriptions.map(({ name, mode, destinations }) => {
    return { name, retentionPolicy, mode: mode === 'ANY' ? ('ANY' as const) : ('ALL' as const), destinations };
  });
}

/** Returns a user with its grants on these databases. */
function userOf({ name, isAdmin, privileges }: UserMeta, databases: ReadonlySet<string>): UserSchema {
  const grants = privileges.flatMap(({ database, privilege }) =>
    privilege === 'none' || !databases.has(database) ? [] : [{ database, privilege: grantNames[privilege] }],
  );
  return { name, isAdmin, grants: grants.sort(byDatabase) };
}

const grantNames = { read: 'READ', write: 'WRITE', all: 'ALL' } as const;
