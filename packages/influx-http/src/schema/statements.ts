import { quotedName, quotedText } from './quote';
import type { ContinuousQuery, Grant, NamedPolicy, Subscription } from './schema';
import { StatementReader } from './statement-reader';

/** A statement that a schema may hold, taken apart. */
export type SchemaStatement =
  | { readonly creates: 'database'; readonly database: string; readonly policy?: NamedPolicy }
  | { readonly creates: 'policy'; readonly database: string; readonly policy: NamedPolicy }
  | { readonly creates: 'continuous query'; readonly database: string; readonly query: ContinuousQuery }
  | { readonly creates: 'subscription'; readonly database: string; readonly subscription: Subscription }
  | { readonly creates: 'user'; readonly name: string; readonly isAdmin: boolean }
  | { readonly creates: 'grant'; readonly user: string; readonly grant: Grant };

/** Returns a statement as text of one line. What stands in quotes cannot end them. */
export function formatStatement(statement: SchemaStatement): string {
  switch (statement.creates) {
    case 'database': {
      const { database, policy } = statement;
      const create = `CREATE DATABASE ${quotedName(database)}`;
      return policy === undefined ? create : `${create} WITH ${optionsOf(policy)} NAME ${quotedName(policy.name)}`;
    }
    case 'policy': {
      const { database, policy } = statement;
      const create = `CREATE RETENTION POLICY ${quotedName(policy.name)} ON ${quotedName(database)}`;
      return `${create} ${optionsOf(policy)}${policy.isDefault ? ' DEFAULT' : ''}`;
    }
    case 'continuous query': {
      const { database, query } = statement;
      const definition = query.definition.replaceAll('\n', ' ');
      return `CREATE CONTINUOUS QUERY ${quotedName(query.name)} ON ${quotedName(database)} ${definition}`;
    }
    case 'subscription': {
      const { name, retentionPolicy, mode, destinations } = statement.subscription;
      const on = `${quotedName(statement.database)}.${quotedName(retentionPolicy)}`;
      return `CREATE SUBSCRIPTION ${quotedName(name)} ON ${on} DESTINATIONS ${mode} ${destinations.map(quotedText).join(', ')}`;
    }
    case 'user':
      return `CREATE USER ${quotedName(statement.name)} WITH PASSWORD ''${statement.isAdmin ? ' WITH ALL PRIVILEGES' : ''}`;
    case 'grant': {
      const { database, privilege } = statement.grant;
      return `GRANT ${privilege} ON ${quotedName(database)} TO ${quotedName(statement.user)}`;
    }
  }
}

function optionsOf({ duration, replication = 1, shardDuration }: NamedPolicy): string {
  const kept = `DURATION ${duration} REPLICATION ${replication}`;
  return shardDuration === undefined ? kept : `${kept} SHARD DURATION ${shardDuration}`;
}

/** Returns the statement in a line; `undefined` if it is none of those that a schema may hold. */
export function parseStatement(line: string): SchemaStatement | undefined {
  const reader = new StatementReader(line);
  const statement = read(reader);
  return statement !== undefined && reader.isAtEnd ? statement : undefined;
}

function read(reader: StatementReader): SchemaStatement | undefined {
  if (reader.keywords('CREATE DATABASE')) return readDatabase(reader);
  if (reader.keywords('CREATE RETENTION POLICY')) return readPolicy(reader);
  if (reader.keywords('CREATE CONTINUOUS QUERY')) return readContinuousQuery(reader);
  if (reader.keywords('CREATE SUBSCRIPTION')) return readSubscription(reader);
  if (reader.keywords('CREATE USER')) return readUser(reader);
  return reader.keywords('GRANT') ? readGrant(reader) : undefined;
}

function readDatabase(reader: StatementReader): SchemaStatement | undefined {
  const database = reader.name();
  if (database === undefined) return undefined;
  if (reader.isAtEnd) return { creates: 'database', database };
  if (!reader.keywords('WITH')) return undefined;
  const options = readOptions(reader);
  const name = reader.keywords('NAME') ? reader.name() : undefined;
  if (options === undefined || name === undefined) return undefined;
  return { creates: 'database', database, policy: { name, ...options, isDefault: true } };
}

function readPolicy(reader: StatementReader): SchemaStatement | undefined {
  const name = reader.name();
  const database = reader.keywords('ON') ? reader.name() : undefined;
  const options = readOptions(reader);
  if (name === undefined || database === undefined || options === undefined) return undefined;
  return { creates: 'policy', database, policy: { name, ...options, isDefault: reader.keywords('DEFAULT') } };
}

function readOptions(reader: StatementReader): Omit<NamedPolicy, 'name'> | undefined {
  const duration = reader.keywords('DURATION') ? reader.word() : undefined;
  const replication = Number(reader.keywords('REPLICATION') ? reader.word() : undefined);
  if (duration === undefined || !Number.isSafeInteger(replication)) return undefined;
  if (!reader.keywords('SHARD DURATION')) return { duration, replication };
  const shardDuration = reader.word();
  return shardDuration === undefined ? undefined : { duration, replication, shardDuration };
}

function readContinuousQuery(reader: StatementReader): SchemaStatement | undefined {
  const name = reader.name();
  const database = reader.keywords('ON') ? reader.name() : undefined;
  const definition = reader.takeRest();
  if (name === undefined || database === undefined || definition === '') return undefined;
  return { creates: 'continuous query', database, query: { name, definition } };
}

function readSubscription(reader: StatementReader): SchemaStatement | undefined {
  const name = reader.name();
  const database = reader.keywords('ON') ? reader.name() : undefined;
  const retentionPolicy = reader.character('.') ? reader.name() : undefined;
  if (!reader.keywords('DESTINATIONS')) return undefined;
  const mode = (['ALL', 'ANY'] as const).find((word) => reader.keywords(word));
  const destinations: (string | undefined)[] = [];
  do destinations.push(reader.string());
  while (reader.character(',') && reader.character(' '));
  if (name === undefined || database === undefined || retentionPolicy === undefined || mode === undefined) {
    return undefined;
  }
  const known = destinations.filter((destination) => destination !== undefined);
  if (known.length < destinations.length) return undefined;
  return { creates: 'subscription', database, subscription: { name, retentionPolicy, mode, destinations: known } };
}

function readUser(reader: StatementReader): SchemaStatement | undefined {
  const name = reader.name();
  const password = reader.keywords('WITH PASSWORD') ? reader.string() : undefined;
  if (name === undefined || password === undefined) return undefined;
  return { creates: 'user', name, isAdmin: reader.keywords('WITH ALL PRIVILEGES') };
}

function readGrant(reader: StatementReader): SchemaStatement | undefined {
  const privilege = (['READ', 'WRITE', 'ALL'] as const).find((word) => reader.keywords(word));
  const database = reader.keywords('ON') ? reader.name() : undefined;
  const user = reader.keywords('TO') ? reader.name() : undefined;
  if (privilege === undefined || database === undefined || user === undefined) return undefined;
  return { creates: 'grant', user, grant: { database, privilege } };
}
