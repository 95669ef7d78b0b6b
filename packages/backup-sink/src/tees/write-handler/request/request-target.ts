import { posix } from 'node:path';
import { type WriteApi, writeApiOf } from '../../parameters/write-target';
import { Refusal } from '../reply';

/** What a request asks for. */
export interface RequestTarget {
  /** Path and query as they are passed on. */
  readonly path: string;
  readonly parameters: URLSearchParams;
  /** Undefined: no write, to be passed through. */
  readonly writeApi: WriteApi | undefined;
}

/** Prometheus' remote write: points in protobuf, which would reach InfluxDB past the backup. */
const prometheusWrite = '/api/v1/prom/write';

/**
 * Tells writes from all else, also when they are spelled in a way that some router on the road to InfluxDB would
 * straighten (`//write`, `/%77rite`, `/write/`): none may pass by the backup.
 *
 * @throws Refusal 400 or 501
 */
export function readRequestTarget(method: string, url: string): RequestTarget {
  // The absolute form (`POST http://host/write`), for which only the path counts here.
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  if (!path.startsWith('/')) throw new Refusal(400, 'the request line names no path');
  const queryStart = path.indexOf('?');
  const pathname = straightened(queryStart === -1 ? path : path.slice(0, queryStart));
  const parameters = new URLSearchParams(queryStart === -1 ? '' : path.slice(queryStart + 1));
  if (method === 'POST' && pathname === prometheusWrite) {
    throw new Refusal(501, `${prometheusWrite} is not backed up: send line protocol, for instance through Telegraf`, {
      closes: true,
    });
  }
  return { path, parameters, writeApi: method === 'POST' ? writeApiOf(pathname) : undefined };
}

/**
 * Decoded byte by byte, as Go does: `/%ff/../write` is no UTF-8, and a write all the same. What is left of a `%` stands
 * for itself.
 */
function straightened(pathname: string): string {
  const bytes = pathname.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return posix.normalize(`/${bytes}`).replace(/(?<=.)\/$/, '');
}
