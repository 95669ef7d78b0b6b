import {
  type DatabaseSchema,
  formatStatement,
  type InfluxSchema,
  isRunnable,
  type NamedPolicy,
} from '@ceres/influx-http/internal';
import type { NameMap } from '../../options/name-map';
import type { ResolvedSelection } from '../../options/selection';
import { shardOf } from '../../plan/partitions';
import type { PlannedPolicy } from '../policies/schema';

/** A continuous query that a restore creates once the points are there. */
export interface RestoredQuery {
  readonly database: string;
  readonly name: string;
  readonly definition: string;
  readonly statement: string;
}

/** What a restore makes of a schema, by the names on the server. */
export interface RestoredSchema {
  /** All policies, the default ones with `name` in their schema. */
  readonly policies: readonly PlannedPolicy[];
  readonly queries: readonly RestoredQuery[];
  /** Statements that a human has to look at, to complete, or to run on purpose. */
  readonly byHand: readonly string[];
}

/** A policy that no file goes into was never written: no day is earlier than this. */
const noDay = '99991231';

/** Takes a schema apart into what is safe to run and what is not. */
export function restoredSchema(schema: InfluxSchema, selection: ResolvedSelection, map: NameMap): RestoredSchema {
  const databases = schema.databases.filter(
    ({ name }) =>
      selection.databases?.has(name) !== false && shardOf(name, selection.shard.of) === selection.shard.index,
  );
  const isKept = ({ name, continuousQueries, policies }: DatabaseSchema) =>
    continuousQueries.length === 0 ||
    (map.database(name) === name && policies.every((policy) => map.retentionPolicy(policy.name) === policy.name));
  const queries: RestoredQuery[] = [];
  const byHand: string[] = [];
  for (const database of databases) {
    for (const query of database.continuousQueries) {
      const statement = formatStatement({ creates: 'continuous query', database: database.name, query });
      // A statement may name databases and policies anywhere: under other names it would read and write elsewhere.
      if (isRunnable(query) && isKept(database)) queries.push({ database: database.name, ...query, statement });
      else byHand.push(statement);
    }
  }
  for (const { name: database, subscriptions } of databases) {
    for (const subscription of subscriptions) {
      byHand.push(formatStatement({ creates: 'subscription', database, subscription }));
    }
  }
  return {
    policies: databases.flatMap((database) =>
      database.policies
        .filter(({ name }) => selection.retentionPolicies?.has(name) !== false)
        .map((policy) => plannedPolicy(database.name, policy, map)),
    ),
    queries,
    byHand: [...byHand, ...usersOf(schema, databases)],
  };
}

function plannedPolicy(database: string, { name, ...policy }: NamedPolicy, map: NameMap): PlannedPolicy {
  const onServer = map.retentionPolicy(name);
  const own = policy.isDefault && onServer === name ? { name } : {};
  return { database: map.database(database), name: onServer, firstDay: noDay, schema: { ...policy, ...own } };
}

function usersOf({ users }: InfluxSchema, databases: readonly DatabaseSchema[]): string[] {
  if (users === undefined) return ['-- Users and their grants: the schema does not tell them.'];
  return users.flatMap(({ name, isAdmin, grants }) => [
    formatStatement({ creates: 'user', name, isAdmin }),
    ...grants
      .filter((grant) => databases.some((database) => database.name === grant.database))
      .map((grant) => formatStatement({ creates: 'grant', user: name, grant })),
  ]);
}

/**
 * Adds what a schema says to the policies of a plan. What the files and the options say of a policy comes first: they are newer.
 *
 * @returns the policies of the plan, and the others, which no file goes into
 */
export function withRestoredSchema(
  planned: readonly PlannedPolicy[],
  restored: RestoredSchema | undefined,
): { readonly planned: readonly PlannedPolicy[]; readonly others: readonly PlannedPolicy[] } {
  if (restored === undefined) return { planned, others: [] };
  const inFile = (database: string, name: string) =>
    restored.policies.find(
      (policy) =>
        policy.database === database && (name === '' ? policy.schema?.name !== undefined : policy.name === name),
    );
  // Once the files say which policy is the default one, the schema does not.
  const isSaid = (database: string) =>
    planned.some(({ database: its, name, schema }) => {
      return its === database && schema?.name !== undefined && (name === '' || name === schema.name);
    });
  const withoutName = ({ schema, ...policy }: PlannedPolicy): PlannedPolicy => {
    const { name: _, ...unnamed } = schema ?? { duration: 'INF' };
    return { ...policy, schema: { ...unnamed, isDefault: false } };
  };
  const completed = planned.map((policy) => {
    const found = inFile(policy.database, policy.name)?.schema;
    if (found === undefined) return policy;
    const own = found.name !== undefined && !isSaid(policy.database) ? { name: found.name, isDefault: true } : {};
    return { ...policy, schema: { ...found, ...policy.schema, ...own } };
  });
  const others = restored.policies.filter(
    ({ database, name, schema }) =>
      !planned.some(
        (policy) =>
          policy.database === database &&
          (policy.name === name || (policy.name === '' && (policy.schema?.name ?? schema?.name) === name)),
      ),
  );
  return {
    planned: completed,
    others: others.map((policy) => (isSaid(policy.database) ? withoutName(policy) : policy)),
  };
}
