import { errorText } from '../answers/classify-write';
import { InfluxHttpError } from '../errors';
import { HttpClient } from '../http/client';
import type { Answer } from '../http/exchange';
import { readText } from '../http/read-body';
import { refuseUnknownNames } from '../names';
import { type InfluxServer, resolveOptions } from '../options';
import { type JsonText, parseJsonText } from './json-text';
import { splitLines } from './split-lines';
import { tagsText } from './tags-text';

/** One row of a query's answer, with the series it belongs to. */
export interface SeriesRow {
  /** The measurement. Empty where a statement has none. */
  readonly name: string;
  /** Of a query that groups by tags. A tag the series lacks is the empty string. */
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  /** As many as `columns`; `null` where the row has no value, which is not the empty string. Times are ns since the epoch. */
  readonly values: readonly (string | null)[];
}

/** How many rows the server sends at a time, and so what both sides hold: 10,000 is its own default. */
const chunkRows = '2000';

/**
 * A query's answer row by row, each value as the server's own text: an int64 keeps all its digits, a float is as short as
 * it can be without loss, a boolean is `true` or `false`. Memory is bounded by some thousand rows, whatever the answer's
 * size. It asks for JSON: InfluxDB's CSV hides errors, and the difference between null and the empty string.
 *
 * Reading slowly is allowed; leaving the loop early closes the connection.
 *
 * @param database the one that names without a database mean; empty where the query needs none
 * @throws InfluxHttpError `QUERY_FAILED` also after rows were given: then they were not all; or any other code but `CLOSED`
 * @throws the signal's reason
 */
export async function* querySeries(
  server: InfluxServer,
  database: string,
  query: string,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<SeriesRow> {
  refuseUnknownNames(options, ['signal']);
  const client = new HttpClient(resolveOptions(server));
  try {
    yield* runQuery(client, database, query, options.signal);
  } finally {
    client.close();
  }
}

/** As `querySeries`, over connections that are kept. */
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
  let whole = false;
  for await (const line of splitLines(answer.body)) whole = yield* rowsOf(line, query);
  if (!whole) throw new InfluxHttpError('INVALID_ANSWER', `the answer ended before its last row (${query})`);
}

/**
 * A query's answer row by row as text: the measurement, its tags as in a series key (`host=a,region=b\ c`; empty if the
 * query groups by none), then the columns of the statement in the order asked for, `time` (ns since the epoch) first in
 * those of a `SELECT`. There is no header row. A missing value is the empty string; where that must be told from an empty
 * string that was stored, or where the columns are not known beforehand, use `querySeries`.
 *
 * Otherwise as `querySeries`, errors included.
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

/**
 * Of `{"results":[{"series":[{"name","tags","columns","values":[[…]]}],"partial","error"}],"error"}`.
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
    throw new InfluxHttpError('INVALID_ANSWER', `the answer is not InfluxDB's JSON: ${line.slice(0, 200)}`, { cause });
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
  if (status === 401 || status === 403) {
    return new InfluxHttpError('UNAUTHORIZED', `${url.href} refused the credentials: ${text}`);
  }
  if (status === 400) return new InfluxHttpError('QUERY_FAILED', `InfluxDB: ${text} (${query})`);
  const code = status >= 500 || status === 429 ? 'SERVER_FAULT' : 'INVALID_ANSWER';
  return new InfluxHttpError(code, `${url.href} answered a query with HTTP ${status}: ${text}`);
}
