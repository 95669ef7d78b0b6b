import { type InfluxServer, queryRows } from '../src/index';

/** Returns all rows of a query. */
export async function allRows(server: InfluxServer, database: string, query: string): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for await (const row of queryRows(server, database, query)) rows.push(row);
  return rows;
}
