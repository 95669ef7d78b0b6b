import { continuousQuery } from '@ceres/influx-http/internal';
import type { ServerConnection } from '../connection';
import type { RestoredQuery, RestoredSchema } from './restored-schema';

/** What became of a schema. */
export interface SchemaReport {
  /** The statements that created continuous queries. */
  readonly created: readonly string[];
  /** The statements that a human has to look at, to complete, or to run on purpose. */
  readonly byHand: readonly string[];
}

/**
 * Creates the continuous queries that the server lacks, once the points are there. One that has another definition there stays as it is.
 *
 * @throws RestoreError `SERVER_…`
 */
export async function createQueries(
  server: ServerConnection,
  { queries, byHand }: Pick<RestoredSchema, 'queries' | 'byHand'>,
): Promise<SchemaReport> {
  const known = await server.continuousQueries();
  const definitionOf = ({ database, name }: RestoredQuery) => {
    const found = known.find((one) => one.database === database && one.name === name);
    return found && continuousQuery(name, found.query).definition;
  };
  const missing = queries.filter((query) => definitionOf(query) === undefined);
  const different = queries.filter((query) => ![undefined, query.definition].includes(definitionOf(query)));
  for (const { statement } of missing) await server.change(statement);
  return {
    created: missing.map(({ statement }) => statement),
    byHand: [...different.map(({ statement }) => statement), ...byHand],
  };
}
