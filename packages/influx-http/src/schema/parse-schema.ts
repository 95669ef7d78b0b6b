import { createHash } from 'node:crypto';
import { InfluxHttpError } from '../errors';
import { type SchemaOrigin, schemaEnd, schemaFormat, schemaStart } from './format-schema';
import {
  type ContinuousQuery,
  type DatabaseSchema,
  type InfluxSchema,
  internalDatabase,
  isRunnable,
  type NamedPolicy,
  type Subscription,
  type UserSchema,
} from './schema';
import { parseStatement, type SchemaStatement } from './statements';

/** A schema, and where it comes from. */
export interface ParsedSchema extends SchemaOrigin {
  readonly schema: InfluxSchema;
}

/** No schema is longer: 16 MiB are a hundred thousand statements. */
export const schemaBytesMax = 16 * 1024 * 1024;

/**
 * Takes a schema apart again. Nothing in it counts unless every line is one that `formatSchema` writes.
 *
 * @param name what the messages call the text
 * @throws InfluxHttpError `INVALID_SCHEMA` for another statement, a line that is cut or changed, or a text that is too long
 */
export function parseSchema(text: string, name: string): ParsedSchema {
  const refused = (why: string) =>
    new InfluxHttpError('INVALID_SCHEMA', `${name} is refused, and nothing of it was run: ${why}.`);
  if (text.length > schemaBytesMax) throw refused(`it has more than ${schemaBytesMax} bytes`);
  const lines = text.split('\n');
  if (lines.pop() !== '') throw refused('its last line is cut');
  const end = lines.pop() ?? '';
  const covered = lines.map((line) => `${line}\n`).join('');
  const sha256 = createHash('sha256').update(covered).digest('hex');
  if (end !== `${schemaEnd}lines=${lines.length} sha256=${sha256}`) {
    throw refused('its last line does not confirm those before it');
  }
  const origin = originOf(lines.shift() ?? '', refused);
  const building = new Building();
  for (const [i, line] of lines.entries()) {
    const isComment = line.startsWith('-- ');
    const statement = parseStatement(isComment ? line.slice(3) : line);
    const fault = statement === undefined ? undefined : building.add(statement, isComment);
    if ((statement === undefined && !isComment) || fault !== undefined) {
      const shown = JSON.stringify(line.length > 120 ? `${line.slice(0, 120)}…` : line);
      throw refused(`line ${i + 2} ${fault ?? 'is none of the statements that a schema has'}: ${shown}`);
    }
  }
  return { ...origin, schema: building.schema(lines.some((line) => line.startsWith('-- Users and their grants'))) };
}

function originOf(line: string, refused: (why: string) => InfluxHttpError): SchemaOrigin {
  const [, format, instance = '', taken = ''] =
    /^-- CERES-SCHEMA: format=(\d{1,9}) instance=(\S+) taken=(\S+)$/.exec(line) ?? [];
  const takenMs = Date.parse(taken);
  if (!line.startsWith(schemaStart) || format === undefined) throw refused('its first line is not that of a schema');
  if (Number(format) > schemaFormat) throw refused(`it has format ${format}, which a later version of Ceres writes`);
  try {
    if (!Number.isNaN(takenMs)) return { instance: decodeURIComponent(instance), takenMs };
  } catch {
    // A stray "%": the line was not written by us.
  }
  throw refused('its first line is not that of a schema');
}

interface OpenDatabase {
  readonly name: string;
  readonly policies: NamedPolicy[];
  readonly continuousQueries: ContinuousQuery[];
  readonly subscriptions: Subscription[];
}

/** Puts statements together. */
class Building {
  readonly #databases = new Map<string, OpenDatabase>();
  readonly #users = new Map<string, UserSchema>();

  /** Adds a statement; returns what is wrong with it. */
  add(statement: SchemaStatement, isComment: boolean): string | undefined {
    if (statement.creates === 'user' || statement.creates === 'grant') {
      return isComment ? this.#addUser(statement) : 'would create a user without a password';
    }
    if (isComment && statement.creates !== 'continuous query') return undefined; // a comment, as any other
    const { database: name } = statement;
    if (name === internalDatabase) return `is about ${internalDatabase}`;
    if (statement.creates === 'database') {
      if (this.#databases.has(name)) return 'creates a database again';
      const policies = statement.policy === undefined ? [] : [statement.policy];
      this.#databases.set(name, { name, policies, continuousQueries: [], subscriptions: [] });
      return undefined;
    }
    const database = this.#databases.get(name);
    if (database === undefined) return 'is about a database that it does not create';
    if (statement.creates === 'policy') database.policies.push(statement.policy);
    else if (statement.creates === 'subscription') database.subscriptions.push(statement.subscription);
    else if (isComment || isRunnable(statement.query)) database.continuousQueries.push(statement.query);
    else return 'may hold more than one statement';
    return undefined;
  }

  #addUser(statement: Extract<SchemaStatement, { readonly creates: 'user' | 'grant' }>): string | undefined {
    if (statement.creates === 'user') {
      const { name, isAdmin } = statement;
      this.#users.set(name, { name, isAdmin, grants: [] });
      return undefined;
    }
    const user = this.#users.get(statement.user);
    if (user === undefined) return 'is about a user that it does not create';
    this.#users.set(user.name, { ...user, grants: [...user.grants, statement.grant] });
    return undefined;
  }

  schema(isWithoutUsers: boolean): InfluxSchema {
    const databases: DatabaseSchema[] = [...this.#databases.values()];
    return isWithoutUsers ? { databases } : { databases, users: [...this.#users.values()] };
  }
}
