import type { IncomingMessage } from 'node:http';
import type { WriteFailure } from '../backup-first/errors';

/** What the head of InfluxDB's answer to a write says went wrong; its body belongs to the client. Undefined: stored. */
export function failureOf(answer: IncomingMessage): WriteFailure | undefined {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return undefined;
  const error = answer.headers['x-influxdb-error'];
  const message = `${status} ${error === undefined ? (answer.statusMessage ?? '') : String(error)}`.slice(0, 500);
  if (status >= 500) return { kind: 'retry', code: 'SERVER_FAULT', ambiguous: true, message };
  if (status === 401 || status === 403) return { kind: 'refused', code: 'UNAUTHORIZED', message };
  if (status === 404) return { kind: 'refused', code: 'NO_DATABASE', message };
  if (status === 413) return { kind: 'refused', code: 'TOO_LARGE', message };
  return { kind: 'refused', code: 'INVALID', message };
}
