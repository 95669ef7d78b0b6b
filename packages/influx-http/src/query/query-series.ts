import { InfluxHttpError } from '../errors';
import { HttpClient } from '../http/client';
import { check, type InfluxServer, resolveOptions } from '../options';
import { type JsonText, parseJsonText } from './json-text';
import { queryFailure, readReason, sendQuery } from './send-query';
import { splitLines } from './split-lines';

/** One row of a query's answer, with the series it belongs to. */
export interface SeriesRow {
  /** The measurement. Empty where a statement has none. */
  readonly name: string;
  /** The tags that the query groups by. A tag that the series lacks is the empty string. */
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  /** One value for each of `columns`; `null` where the row has no value, which is not the empty string. Times are ns since the epoch. */
  readonly values: readonly (string | null)[];
}

/**
 * Yields a query's answer row by row, each value as the server's own text: an int64 keeps all its digits, a float is as short
 * as it can be without loss, a boolean is `true` or `false`. Memory is bounded by some thousand rows, whatever the size of
 * the answer. It asks for JSON: InfluxDB's CSV hides errors, and the difference between null and the empty string.
 *
 * Reading slowly is allowed; leaving the loop early closes the connection.
 *
 * @param database the one that names without a database refer to; empty where the query needs none
 * @throws InfluxHttpError any code but `CLOSED`; `QUERY_FAILED` also after some rows: then more were to come
 * @throws the signal's reason
 */
export async function* querySeries(
  server: InfluxServer,
  database: string,
  query: string,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<SeriesRow> {
  check.names('querySeries()', options, ['signal']);
  const client = new HttpClient(resolveOptions(server));
  try {
    yield* runQuery(client, database, query, options.signal);
  } finally {
    client.close();
  }
}

/** Does the same as `querySeries`, over the connections of `client`. */
export async function* runQuery(
  client: HttpClient,
  database: string,
  query: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<SeriesRow> {
  const { status, body } = await sendQuery(client, { database, query, signal, accept: 'application/json' });
  if (status !== 200) throw queryFailure(status, client.url, query, await readReason(body));
  let isWhole = false;
  for await (const line of splitLines(body)) isWhole = yield* rowsOf(line, query);
  if (!isWhole) throw new InfluxHttpError('INVALID_ANSWER', `The answer ended before its last row (${query}).`);
}

/**
 * Yields the rows of one chunk, `{"results":[{"series":[{"name","tags","columns","values":[[…]]}],"partial","error"}],"error"}`.
 *
 * @returns whether this may be the last chunk: all others say `"partial":true` of their last result
 */
function* rowsOf(line: string, query: string): Generator<SeriesRow, boolean> {
  const chunk = parse(line);
  const results = list(chunk, 'results');
  for (const result of results) {
    for (const series of list(result, 'series')) yield* rowsOfSeries(series);
    throwIfError(result, query);
  }
  throwIfError(chunk, query);
  const last = results.at(-1);
  return last !== undefined && member(last, 'partial') !== true;
}

function* rowsOfSeries(series: JsonText): Generator<SeriesRow, void> {
  const name = valueText(member(series, 'name') ?? '') ?? '';
  const tags = (member(series, 'tags') ?? {}) as SeriesRow['tags'];
  const columns = list(series, 'columns') as SeriesRow['columns'];
  for (const values of list(series, 'values')) {
    yield { name, tags, columns, values: (values as readonly JsonText[]).map(valueText) };
  }
}

function parse(line: string): JsonText {
  try {
    return parseJsonText(line);
  } catch (cause) {
    throw new InfluxHttpError('INVALID_ANSWER', `The answer is not InfluxDB's JSON: ${line.slice(0, 200)}`, { cause });
  }
}

function member(value: JsonText, name: string): JsonText | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, JsonText>>)[name]
    : undefined;
}

function list(value: JsonText, name: string): readonly JsonText[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

function valueText(value: JsonText): string | null {
  if (value === null || typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value); // a list of destinations, each a text
}

function throwIfError(value: JsonText, query: string): void {
  const error = member(value, 'error');
  if (error !== undefined) throw new InfluxHttpError('QUERY_FAILED', `InfluxDB: ${valueText(error)} (${query})`);
}
