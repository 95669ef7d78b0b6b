import { posix } from 'node:path';
import { type WriteApi, writeApiOf } from '../../parameters/write-target';
import { Refusal } from '../reply';

/** What a request asks for. */
export interface RequestTarget {
  /** The path and query as they are passed on. */
  readonly path: string;
  readonly parameters: URLSearchParams;
  /** `undefined` for what is not a write, and is passed through. */
  readonly writeApi: WriteApi | undefined;
}

/** The path of Prometheus' remote write: points in protobuf, which would reach InfluxDB without a backup. */
const prometheusWrite = '/api/v1/prom/write';

/**
 * Tells writes from other requests, even if they are spelled in a way that some router on the way to InfluxDB would normalize
 * (`//write`, `/%77rite`, `/write/`): none may get past the backup.
 *
 * @throws Refusal 400 or 501
 */
export function readRequestTarget(method: string, url: string): RequestTarget {
  // The absolute form (`POST http://host/write`), for which only the path counts here.
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  if (!path.startsWith('/')) throw new Refusal(400, 'the request line names no path');
  const queryStart = path.indexOf('?');
  const pathname = normalized(queryStart === -1 ? path : path.slice(0, queryStart));
  const parameters = new URLSearchParams(queryStart === -1 ? '' : path.slice(queryStart + 1));
  if (method === 'POST' && pathname === prometheusWrite) {
    throw new Refusal(501, `${prometheusWrite} is not backed up: send line protocol, for instance through Telegraf`, {
      closes: true,
    });
  }
  return { path, parameters, writeApi: method === 'POST' ? writeApiOf(pathname) : undefined };
}

/** Decodes byte by byte, as Go does: `/%ff/../write` is not UTF-8, and a write all the same. A `%` without two digits stands for itself. */
function normalized(pathname: string): string {
  const bytes = pathname.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return posix.normalize(`/${bytes}`).replace(/(?<=.)\/$/, '');
}
