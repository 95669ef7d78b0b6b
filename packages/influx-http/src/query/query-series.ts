import { classifyQuery } from '../answers/classify-query';
import { errorText } from '../answers/error-text';
import { InfluxHttpError } from '../errors';
import { HttpClient } from '../http/client';
import type { Answer } from '../http/exchange';
import { readText } from '../http/read-body';
import { check, type InfluxServer, resolveOptions } from '../options';
import { type JsonText, parseJsonText } from './json-text';
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

/** How many rows the server sends at a time, and so what both sides hold: 10,000 is its own default. */
const chunkRows = '2000';

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
  const form = new URLSearchParams({ db: database, epoch: 'ns', chunked: 'true', chunk_size: chunkRows, q: query });
  const answer = await client.send({
    method: 'POST',
    path: 'query',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: Buffer.from(form.toString()),
    signal,
    silentUntilAnswered: true,
  });
  if (answer.status !== 200) throw await failure(answer, client.url, query);
  let isWhole = false;
  for await (const line of splitLines(answer.body)) isWhole = yield* rowsOf(line, query);
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
  return value === null || typeof value === 'string' ? value : String(value);
}

function throwIfError(value: JsonText, query: string): void {
  const error = member(value, 'error');
  if (error !== undefined) throw new InfluxHttpError('QUERY_FAILED', `InfluxDB: ${valueText(error)} (${query})`);
}

async function failure({ status, body }: Answer, url: URL, query: string): Promise<InfluxHttpError> {
  const text = errorText(await readText(body)) || 'no reason given';
  const code = classifyQuery(status);
  if (code === 'UNAUTHORIZED') return new InfluxHttpError(code, `${url.href} refused the credentials: ${text}`);
  if (code === 'QUERY_FAILED') return new InfluxHttpError(code, `InfluxDB: ${text} (${query})`);
  return new InfluxHttpError(code, `${url.href} answered a query with HTTP ${status}: ${text}`);
}
