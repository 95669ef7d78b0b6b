import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { withBasic } from '../influx/forward-write';
import { endToEnd } from '../influx/headers';
import type { Upstream } from '../influx/upstream';
import { credentialHeaders } from './credential';

/** InfluxDB's answer to a client that may not write, kept so that it can be passed on. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** What InfluxDB says of a credential for a database. */
export type Answer =
  | { readonly verdict: 'accepted' }
  /** 401 or 403. */
  | { readonly verdict: 'refused'; readonly answer: KeptAnswer }
  /** Another 4xx, such as 404 for a missing database: it says nothing of the credential, and the write would get the same. */
  | { readonly verdict: 'unrelated'; readonly answer: KeptAnswer }
  /** Silent, unreachable, or 5xx. */
  | { readonly verdict: 'away'; readonly reason: string };

/** A question that takes longer counts as not answered. */
const askMsMax = 5_000;
/** The most of an answer that is kept. InfluxDB's are about 60 bytes long. */
const keptBytesMax = 4096;

/** Headers that describe the body of the client's own request, or ask for another form of the answer. */
const ofTheBody = ['host', 'content-encoding', 'content-length', 'content-type', 'content-md5', 'accept-encoding'];

/** A client and the parameters of its write. */
export interface Asker {
  readonly request: IncomingMessage;
  readonly parameters: URLSearchParams;
}

/**
 * Asks InfluxDB whether a client may write to a database: with an empty write, which stores nothing, and without a policy, since
 * a missing one is a fault of the server for InfluxDB.
 *
 * @param asAnonymous asks without the client's credentials
 */
export async function askInflux(
  upstream: Upstream,
  database: string,
  { request, parameters }: Asker,
  asAnonymous: boolean,
): Promise<Answer> {
  const query = new URLSearchParams({ db: database });
  for (const name of asAnonymous ? [] : ['u', 'p']) {
    const value = parameters.get(name);
    if (value !== null) query.set(name, value);
  }
  const headers = endToEnd(request.headers, [...ofTheBody, ...(asAnonymous ? credentialHeaders(request) : [])]);
  const answer = await ask(upstream, 'POST', `/write?${query}`, withBasic(headers));
  // A database that is missing hides whether InfluxDB wants credentials at all: a query without any tells that.
  if (!asAnonymous || answer.verdict !== 'unrelated') return answer;
  const databases = await ask(upstream, 'GET', '/query?q=SHOW+DATABASES', headers);
  return databases.verdict === 'accepted' ? databases : answer;
}

async function ask(upstream: Upstream, method: string, path: string, given: OutgoingHttpHeaders): Promise<Answer> {
  const headers = method === 'POST' ? { ...given, 'content-length': 0 } : given;
  const signal = AbortSignal.timeout(askMsMax);
  try {
    const response = await upstream.send({ method, path, headers, body: new Uint8Array(), signal });
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      response.resume();
      return { verdict: 'accepted' };
    }
    const answer = { status, headers: endToEnd(response.headers, ['content-length']), body: await startOf(response) };
    if (status === 401 || status === 403) return { verdict: 'refused', answer };
    if (status >= 400 && status < 500 && !mayPass.has(status)) return { verdict: 'unrelated', answer };
    return { verdict: 'away', reason: `it answered HTTP ${status}` };
  } catch (error) {
    return { verdict: 'away', reason: (error as Error).message };
  }
}

/** 4xx that say "later": a timeout, too early, too many. */
const mayPass: ReadonlySet<number> = new Set([408, 425, 429]);

async function startOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > keptBytesMax) break; // Leaving the loop ends the connection.
  }
  return Buffer.concat(chunks).subarray(0, keptBytesMax);
}
