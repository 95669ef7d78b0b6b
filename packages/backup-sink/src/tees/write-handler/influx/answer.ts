import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { WriteApi } from '../../parameters/write-target';
import { Refusal } from '../refusal';
import { endToEnd } from './headers';

/** After it, a client may find the spool drained or the disk replaced. */
const retryAfterSeconds = 5;
/** How long an unread upload may go on after its refusal, so that the client comes to read the answer. */
const lingerMsMax = 1_000;

/**
 * Passes an answer on: status, headers and body, without reading more of it than the client takes.
 *
 * @throws Refusal 502 when it breaks off, with its connection to the client broken too
 */
export async function relay(answer: IncomingMessage, response: ServerResponse, signal?: AbortSignal): Promise<void> {
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  try {
    await pipeline(answer, response, signal === undefined ? {} : { signal });
  } catch (error) {
    throw new Refusal(502, `InfluxDB's answer broke off: ${(error as Error).message}`, { cause: error });
  }
}

/** An error in the shape that the clients of that API read. */
export function refuse(
  response: ServerResponse,
  api: WriteApi | undefined,
  status: number,
  message: string,
  closes = false,
): void {
  if (response.headersSent) {
    response.destroy(); // Half an answer is out: only a broken connection tells that it is not whole.
    return;
  }
  const body = api === 'v1' || api === undefined ? { error: message } : { code: v2Code(status), message };
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
    ...(closes ? { connection: 'close' } : {}),
  });
  response.end(`${JSON.stringify(body)}\n`);
  if (closes) hangUp(response);
}

/** The words of `/api/v2`. */
function v2Code(status: number): string {
  if (status === 413) return 'request too large';
  if (status === 503) return 'unavailable';
  return status >= 500 ? 'internal error' : 'invalid';
}

/** Reads the rest of an upload into nothing, for a moment: closed at once, the client would see a reset and no answer. */
function hangUp(response: ServerResponse): void {
  const { req: request } = response;
  request.resume();
  const timer = setTimeout(() => request.destroy(), lingerMsMax);
  request.once('close', () => clearTimeout(timer));
}
