import type { IncomingMessage, ServerResponse } from 'node:http';
import { relay } from './influx/answer';
import { endToEnd } from './influx/headers';
import type { Upstream, UpstreamRequest } from './influx/upstream';
import { ClientGone, Refusal } from './reply';

/** Streams a request that is not a write to InfluxDB, and the answer back. Ends when the client leaves, however long a query takes. */
export async function passThrough(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const gone = new AbortController();
  const onGone = () => gone.abort(new ClientGone());
  response.once('close', onGone);
  // A server that allows half of a connection does not report the end of the other half, and InfluxDB ends a query then. It answers
  // everything else, which takes no time.
  const isQuery = /^\/query\/?(\?|$)/.test(path);
  if (isQuery) request.socket.once('end', onGone);
  const sent = { method: request.method ?? 'GET', path, ...framed(request) };
  try {
    await relay(await upstream.send({ ...sent, signal: gone.signal }), response);
  } catch (error) {
    if (gone.signal.aborted) throw new ClientGone();
    if (error instanceof Refusal) throw error;
    throw new Refusal(502, `InfluxDB did not answer: ${(error as Error).message}`, { cause: error });
  } finally {
    response.off('close', onGone);
    request.socket.off('end', onGone);
  }
}

/**
 * Returns the body with explicit framing, the one that it came in: Node sends the body of a GET, HEAD, DELETE or OPTIONS without
 * any, and InfluxDB would take it for the next request on that connection, a write without a backup.
 */
function framed(request: IncomingMessage): Pick<UpstreamRequest, 'headers' | 'body'> {
  const headers = endToEnd(request.headers, ['host']);
  // A lenient parser lets a request in that has both; what was read are the chunks.
  if (request.headers['transfer-encoding'] !== undefined) {
    const { 'content-length': _, ...others } = headers;
    return { headers: { ...others, 'transfer-encoding': 'chunked' }, body: request };
  }
  return { headers, body: headers['content-length'] === undefined ? nothing : request };
}

const nothing = new Uint8Array();
