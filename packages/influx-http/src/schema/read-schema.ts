import type { InfluxServer } from '../options';
import { querySeries, type SeriesRow } from '../query/query-series';
import { readPolicyRows, toPolicySchema } from './policy-rows';
import { quotedName } from './quote';
import {
  type ContinuousQuery,
  type DatabaseSchema,
  type Grant,
  type InfluxSchema,
  internalDatabase,
  type Subscription,
  type UserSchema,
} from './schema';
import { parseStatement } from './statements';

/** Says what to read of a server's schema. */
export interface ReadSchemaOptions {
  /** Only these databases. Default: all. */
  readonly databases?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Reads what a server keeps beside points.
 *
 * @throws InfluxHttpError any code but `CLOSED`; `UNAUTHORIZED` without the rights of an administrator; the signal's reason
 */
export async function readSchema(
  server: InfluxServer,
  { databases, signal }: ReadSchemaOptions = {},
): Promise<InfluxSchema> {
  const show: Show = async (query) => {
    const rows: SeriesRow[] = [];
    for await (const row of querySeries(server, '', query, signal ? { signal } : {})) rows.push(row);
    return rows;
  };
  const there = (await show('SHOW DATABASES')).map((row) => cell(row, 'name'));
  const names = there.filter((name) => name !== internalDatabase && databases?.includes(name) !== false);
  const queries = byName(await show('SHOW CONTINUOUS QUERIES'));
  const subscriptions = byName(await show('SHOW SUBSCRIPTIONS'));
  const found: DatabaseSchema[] = [];
  for (const name of names) {
    const policies = await readPolicyRows(server, name, signal);
    found.push({
      name,
      policies: policies.map((row) => ({ ...toPolicySchema(row), name: row.name })),
      continuousQueries: (queries.get(name) ?? []).map(continuousQueryOf),
      subscriptions: (subscriptions.get(name) ?? []).map(subscriptionOf),
    });
  }
  return { databases: found, users: await readUsers(show, names) };
}

type Show = (query: string) => Promise<readonly SeriesRow[]>;

/** Groups rows by their series, which is called as the database is. */
function byName(rows: readonly SeriesRow[]): ReadonlyMap<string, readonly SeriesRow[]> {
  const grouped = new Map<string, SeriesRow[]>();
  for (const row of rows) grouped.set(row.name, [...(grouped.get(row.name) ?? []), row]);
  return grouped;
}

function continuousQueryOf(row: SeriesRow): ContinuousQuery {
  return continuousQuery(cell(row, 'name'), cell(row, 'query'));
}

/** Returns a continuous query, given its name and its statement as the server or its metadata states it. */
export function continuousQuery(name: string, statement: string): ContinuousQuery {
  const parsed = parseStatement(statement);
  const isKnown = parsed?.creates === 'continuous query';
  return { name, definition: isKnown ? parsed.query.definition : statement };
}

function subscriptionOf(row: SeriesRow): Subscription {
  const destinations: unknown = JSON.parse(cell(row, 'destinations') || '[]');
  return {
    name: cell(row, 'name'),
    retentionPolicy: cell(row, 'retention_policy'),
    mode: cell(row, 'mode') === 'ANY' ? 'ANY' : 'ALL',
    destinations: Array.isArray(destinations) ? destinations.map(String) : [],
  };
}

/** Returns the users, with their grants on these databases. */
async function readUsers(show: Show, databases: readonly string[]): Promise<UserSchema[]> {
  const users: UserSchema[] = [];
  for (const row of await show('SHOW USERS')) {
    const name = cell(row, 'user');
    const grants = (await show(`SHOW GRANTS FOR ${quotedName(name)}`)).flatMap((grant) => grantOf(grant));
    const isAdmin = cell(row, 'admin') === 'true';
    const own = grants.filter(({ database }) => databases.includes(database));
    users.push({ name, isAdmin, grants: own.sort(byDatabase) });
  }
  return users;
}

/** Orders grants, which neither a server nor its metadata has in any order. */
export function byDatabase(a: Grant, b: Grant): number {
  return a.database < b.database ? -1 : 1;
}

const privileges: ReadonlyMap<string, Grant['privilege']> = new Map([
  ['READ', 'READ'],
  ['WRITE', 'WRITE'],
  ['ALL PRIVILEGES', 'ALL'],
]);

function grantOf(row: SeriesRow): Grant[] {
  const privilege = privileges.get(cell(row, 'privilege'));
  return privilege === undefined ? [] : [{ database: cell(row, 'database'), privilege }];
}

/** Returns a cell by the name of its column, because servers of other versions may add columns. */
function cell({ columns, values }: SeriesRow, column: string): string {
  return values[columns.indexOf(column)] ?? '';
}
