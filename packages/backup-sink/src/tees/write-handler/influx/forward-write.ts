import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { precisionParameter } from '@ceres/influx-http/internal';
import type { Precision } from '@ceres/lineproto';
import { InfluxWriteError } from '../../backup-first/errors';
import type { WriteTarget } from '../../parameters/write-target';
import { endToEnd } from './headers';
import type { Upstream } from './upstream';

/** What `/write` reads beside the target; anything else (`org`) is for other servers. */
const passedParameters = ['u', 'p', 'consistency'];

/** Sends lines to InfluxDB; rejects with an `InfluxWriteError` when no answer comes. */
export type SendLines = (lines: Uint8Array, signal: AbortSignal) => Promise<IncomingMessage>;

/**
 * Returns a function that sends what a client wrote as `POST /write`, which every InfluxDB 1.x has, with the client's own
 * headers and credentials. The query is built from what was read of it, so that InfluxDB cannot find another database in it
 * than the backup did.
 */
export function forwarderOf(
  upstream: Upstream,
  request: IncomingMessage,
  given: URLSearchParams,
  target: WriteTarget,
  precision: Precision,
): SendLines {
  const path = `/write?${writeQuery(given, target, precision)}`;
  return async (lines, signal) => {
    try {
      return await upstream.send({ method: 'POST', path, headers: writeHeaders(request, lines), body: lines, signal });
    } catch (error) {
      const message = `no answer: ${(error as Error).message}`;
      throw new InfluxWriteError({ kind: 'retry', code: 'UNREACHABLE', ambiguous: true, message });
    }
  };
}

function writeQuery(given: URLSearchParams, { database, retentionPolicy }: WriteTarget, precision: Precision): string {
  const query = new URLSearchParams({ db: database, precision: precisionParameter[precision] });
  if (retentionPolicy !== '') query.set('rp', retentionPolicy);
  for (const name of passedParameters) {
    const value = given.get(name);
    if (value !== null) query.set(name, value);
  }
  return query.toString();
}

function writeHeaders(request: IncomingMessage, lines: Uint8Array): OutgoingHttpHeaders {
  const headers = endToEnd(request.headers, ['host', 'content-encoding', 'content-length']);
  return { ...withBasic(headers), 'content-length': lines.length };
}

/** Returns headers whose `Token user:password` became Basic. */
export function withBasic(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const authorization = basicFromToken(String(headers.authorization ?? ''));
  return authorization === undefined ? headers : { ...headers, authorization };
}

/** `Token user:password` is how clients of `/api/v2` sign in to 1.8; older servers know the same as Basic. */
export function basicFromToken(authorization: string | undefined): string | undefined {
  const credentials = /^Token +(?! )([^:]*:.*)$/i.exec(authorization ?? '')?.[1];
  // Node reads a header byte by byte: `latin1` gives back the bytes that came, of a password in UTF-8 too.
  return credentials === undefined ? undefined : `Basic ${Buffer.from(credentials, 'latin1').toString('base64')}`;
}
