import { classifyQuery } from '../answers/classify-query';
import { errorText } from '../answers/error-text';
import { InfluxHttpError } from '../errors';
import type { HttpClient } from '../http/client';
import type { Answer } from '../http/exchange';
import { readText } from '../http/read-body';

/** How many rows the server sends at a time, and so what both sides hold: 10,000 is its own default. */
const chunkRows = '2000';

export interface QueryRequest {
  readonly database: string;
  readonly query: string;
  /** The media type of the answer. */
  readonly accept: 'application/json' | 'application/x-msgpack';
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends a query, and returns its answer once the head is there. The rows come in chunks of some thousand, with times in ns since
 * the epoch.
 */
export async function sendQuery(
  client: HttpClient,
  { database, query, accept, signal }: QueryRequest,
): Promise<Answer> {
  const form = new URLSearchParams({ db: database, epoch: 'ns', chunked: 'true', chunk_size: chunkRows, q: query });
  return await client.send({
    method: 'POST',
    path: 'query',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept },
    body: Buffer.from(form.toString()),
    signal,
    silentUntilAnswered: true,
  });
}

/** Returns the error for a status other than 200, with the server's reason. */
export function queryFailure(status: number, url: URL, query: string, reason: string): InfluxHttpError {
  const text = reason || 'no reason given';
  const code = classifyQuery(status);
  if (code === 'UNAUTHORIZED') return new InfluxHttpError(code, `${url.href} refused the credentials: ${text}`);
  if (code === 'QUERY_FAILED') return new InfluxHttpError(code, `InfluxDB: ${text} (${query})`);
  return new InfluxHttpError(code, `${url.href} answered a query with HTTP ${status}: ${text}`);
}

/** Reads the reason out of an answer in JSON, or of a proxy's in any form. */
export async function readReason(body: AsyncIterable<Buffer>): Promise<string> {
  return errorText(await readText(body));
}
