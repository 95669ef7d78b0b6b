import { type WriteApi, writeApiOf } from '../../parameters/write-target';
import { Refusal } from '../reply';

/** What a request asks for. */
export interface RequestTarget {
  /** The path, normalized, and the query as it came: what is passed on if it is not a write. */
  readonly path: string;
  readonly parameters: URLSearchParams;
  /** `undefined` for what is not a write, and is passed through. */
  readonly writeApi: WriteApi | undefined;
}

/** The path of Prometheus' remote write: points in protobuf, which would reach InfluxDB without a backup. */
const prometheusWrite = '/api/v1/prom/write';

/**
 * Tells writes from other requests, even if they are spelled in a way that some router on the way to InfluxDB would normalize
 * (`//write`, `/%77rite`, `/write/`): none may get past the backup. For the same reason the path that is passed on is the one
 * that was judged, not the one that came, and what no two servers read alike is refused.
 *
 * @throws Refusal 400 or 501
 */
export function readRequestTarget(method: string, url: string): RequestTarget {
  // The absolute form (`POST http://host/write`), for which only the path counts here.
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  if (!path.startsWith('/')) throw new Refusal(400, 'the request line names no path');
  const queryStart = path.indexOf('?');
  const normalized = normalize(queryStart === -1 ? path : path.slice(0, queryStart));
  const query = queryStart === -1 ? '' : path.slice(queryStart + 1);
  const pathname = normalized.replace(/(?<=.)\/$/, '');
  if (method === 'POST' && pathname === prometheusWrite) {
    throw new Refusal(501, `${prometheusWrite} is not backed up: send line protocol, for instance through Telegraf`, {
      closes: true,
    });
  }
  const writeApi = method === 'POST' ? writeApiOf(pathname) : undefined;
  if (writeApi !== undefined && query.includes(';')) {
    const message = 'the query holds a semicolon, at which some servers cut it: write it as %3B';
    throw new Refusal(400, message, { closes: true });
  }
  return {
    path: encode(normalized) + (queryStart === -1 ? '' : `?${query}`),
    parameters: readParameters(query),
    writeApi,
  };
}

/** A percent sign that encodes nothing. */
const malformed = /%(?![0-9a-f]{2})/i;

/** Reads a query as Go does: a parameter with a percent sign that encodes nothing is as if it were not there. */
function readParameters(query: string): URLSearchParams {
  if (!malformed.test(query)) return new URLSearchParams(query);
  const wellFormed = query.split('&').filter((parameter) => !malformed.test(parameter));
  return new URLSearchParams(wellFormed.join('&'));
}

/**
 * Backslashes, which some servers read as slashes; a percent sign that is left after decoding, which others decode again; parameters
 * behind a semicolon, which others cut off; and control characters. No path of InfluxDB has any of them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ambiguous = /[\u0000-\u001f\u007f\\%;]/;

/**
 * Decodes byte by byte, as Go does, since `/%ff/../write` is not UTF-8 and a write all the same. Then resolves dot segments, and takes
 * slashes in a row as one.
 *
 * @throws Refusal 400
 */
function normalize(pathname: string): string {
  const bytes = decode(pathname);
  if (ambiguous.test(bytes)) {
    throw new Refusal(400, 'the path holds a backslash, a semicolon, an encoded % or a control character', {
      closes: true,
    });
  }
  return resolveDots(bytes);
}

/** Returns a path whose escapes are bytes. `replace` with a function takes sixty times as long, and more than linear time. */
function decode(pathname: string): string {
  if (!pathname.includes('%')) return pathname;
  const bytes = Buffer.from(pathname, 'latin1'); // as Node reads the head of a request
  let length = 0;
  for (let at = 0; at < bytes.length; length += 1) {
    const byte = bytes[at] === percent ? 16 * hexDigit(bytes[at + 1]) + hexDigit(bytes[at + 2]) : Number.NaN;
    const isEscape = !Number.isNaN(byte);
    bytes[length] = isEscape ? byte : (bytes[at] as number);
    at += isEscape ? 3 : 1;
  }
  return bytes.toString('latin1', 0, length);
}

const percent = 0x25;

/** Returns the value of a digit; `NaN` if it is none. */
function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN;
}

/** Does what `normalize` of `node:path` does for an absolute path, whose time grows with the square of `../../`; and no path climbs above its root. */
function resolveDots(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') {
      names.push(name);
    } else if (names.pop() === undefined) {
      // Behind a prefix, `/../influx/write` is a write that names another path.
      throw new Refusal(400, 'the path climbs above that of InfluxDB', { closes: true });
    }
  }
  return `/${names.join('/')}${path.endsWith('/') && names.length > 0 ? '/' : ''}`;
}

/** Encodes all bytes that mean something else in a path, or nothing. */
function encode(bytes: string): string {
  return bytes.replace(
    /[^A-Za-z0-9/._~!$&'()*+,=:@-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
