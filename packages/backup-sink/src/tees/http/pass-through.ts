import type { IncomingMessage, ServerResponse } from 'node:http';
import { relay } from './answers';
import { endToEnd } from './headers';
import { ClientGone, Refusal } from './refusal';
import type { Upstream } from './upstream';

/** Streams a request that is no write to InfluxDB, and the answer back; ends with the client, however long a query takes. */
export async function passThrough(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const gone = new AbortController();
  const onGone = () => gone.abort(new ClientGone());
  response.once('close', onGone);
  const sent = { method: request.method ?? 'GET', path, headers: endToEnd(request.headers, ['host']), body: request };
  try {
    await relay(await upstream.send({ ...sent, signal: gone.signal }), response);
  } catch (error) {
    if (gone.signal.aborted) throw new ClientGone();
    if (error instanceof Refusal) throw error;
    throw new Refusal(502, `InfluxDB did not answer: ${(error as Error).message}`, { cause: error });
  } finally {
    response.off('close', onGone);
  }
}
