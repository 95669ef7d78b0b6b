import type { InfluxServer } from '../options';
import { querySeries, type SeriesRow } from './query-series';

/**
 * Yields a query's answer row by row as text: the measurement, its tags as in a series key (`host=a,region=b\ c`; empty if
 * the query does not group by tags), then the columns of the statement in the order asked for, `time` (ns since the epoch)
 * first in those of a `SELECT`. There is no header row. A missing value is the empty string: use `querySeries`
 * to tell it from a stored empty string, or if the columns are not known beforehand.
 *
 * Memory, errors and early exit are those of `querySeries`.
 *
 * @example
 * ```ts
 * const server = { url: 'http://127.0.0.1:8086' };
 * for await (const [measurement, tags, time, usage] of queryRows(server, 'db_0', 'SELECT usage FROM cpu GROUP BY *')) {
 *   console.log(measurement, tags, time, usage);
 * }
 * ```
 */
export async function* queryRows(
  server: InfluxServer,
  database: string,
  query: string,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<readonly string[]> {
  let tags: SeriesRow['tags'] | undefined;
  let text = '';
  for await (const row of querySeries(server, database, query, options)) {
    if (row.tags !== tags) {
      tags = row.tags;
      text = tagsText(tags);
    }
    yield [row.name, text, ...row.values.map((value) => value ?? '')];
  }
}

/** Returns tags as line protocol writes them in a series key: sorted by name, escaped, without those that have no value. */
export function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${escapeTag(key)}=${escapeTag(value)}`)
    .join(',');
}

function escapeTag(text: string): string {
  return text.replace(/[,= ]/g, '\\$&');
}
