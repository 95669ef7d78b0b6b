import { createHash } from 'node:crypto';
import { type DatabaseSchema, type InfluxSchema, internalDatabase, isRunnable } from './schema';
import { formatStatement, type SchemaStatement } from './statements';

/** Says where a schema comes from. */
export interface SchemaOrigin {
  readonly instance: string;
  /** When it was read, in ms since the epoch. */
  readonly takenMs: number;
}

/** The first words of a schema's first and last lines, and the version of the format. */
export const schemaStart = '-- CERES-SCHEMA: ';
export const schemaEnd = '-- CERES-END: ';
export const schemaFormat = 1;

/**
 * Returns a schema as text: one statement in a line, in an order in which they can be run. What a human has to look at or to complete
 * stands in comments. `parseSchema` is its inverse.
 */
export function formatSchema(schema: InfluxSchema, { instance, takenMs }: SchemaOrigin): string {
  const about = `format=${schemaFormat} instance=${encodeURIComponent(instance)} taken=${new Date(takenMs).toISOString()}`;
  const databases = schema.databases.filter(({ name }) => name !== internalDatabase);
  const lines = [
    `${schemaStart}${about}`,
    ...databases.flatMap(linesOf),
    ...databases.flatMap(({ name: database, continuousQueries }) =>
      continuousQueries.map((query) => {
        const line = formatStatement({ creates: 'continuous query', database, query });
        return isRunnable(query) ? line : `-- ${line}`;
      }),
    ),
    ...databases.flatMap(({ name: database, subscriptions }) =>
      subscriptions.map((subscription) => formatStatement({ creates: 'subscription', database, subscription })),
    ),
    ...userLines(schema),
  ];
  const text = lines.map((line) => `${line}\n`).join('');
  const sha256 = createHash('sha256').update(text).digest('hex');
  return `${text}${schemaEnd}lines=${lines.length} sha256=${sha256}\n`;
}

/** Returns what creates a database and its policies. The first statement also creates its default policy, under its own name. */
function linesOf({ name: database, policies }: DatabaseSchema): string[] {
  const first = policies.find(({ isDefault }) => isDefault) ?? policies[0];
  const statements: SchemaStatement[] = [
    { creates: 'database', database, ...(first && { policy: first }) },
    ...policies
      .filter((policy) => policy !== first)
      .map((policy) => ({ creates: 'policy', database, policy }) as const),
  ];
  return statements.map(formatStatement);
}

function userLines({ users }: InfluxSchema): string[] {
  if (users === undefined) return ['-- Users and their grants are not in here: what was read does not tell them.'];
  if (users.length === 0) return [];
  return [
    '-- Give each user a password, then run these lines without the two dashes.',
    ...users.flatMap(({ name, isAdmin, grants }) => [
      `-- ${formatStatement({ creates: 'user', name, isAdmin })}`,
      ...grants.map((grant) => `-- ${formatStatement({ creates: 'grant', user: name, grant })}`),
    ]),
  ];
}
