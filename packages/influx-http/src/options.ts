import { optionChecks, timerMsMax } from '@ceres/internal';
import { InfluxHttpError } from './errors';

/** Names an InfluxDB 1.x server, the user, and how long to wait for the server. */
export interface InfluxServer {
  /** `http://` or `https://`, with the path under which a proxy offers it, if any. May carry `user:password@`. */
  readonly url: string | URL;
  /** The user, with `password`: sent as Basic authentication. */
  readonly username?: string;
  readonly password?: string;
  /** A JSON Web Token signed with the server's `shared-secret`, sent as Bearer. Takes the place of user and password. */
  readonly token?: string;
  /** The time to connect: name lookup, TCP and TLS. Default: 10,000. */
  readonly connectTimeoutMs?: number;
  /** The longest silence: no byte sent or received where one is due. Default: 60,000. Does not limit the wait for a query's first row. */
  readonly idleTimeoutMs?: number;
  /** The time for the whole of a write or a ping; of a query, the wait for its first row. Default: 300,000. */
  readonly timeoutMs?: number;
  /** Compresses the bodies of writes: 6 % slower on loopback, worth it over a network. Default: false. */
  readonly gzip?: boolean;
}

/** A server as the inside sees it: checked, and with every default. */
export interface ResolvedServer {
  /** The URL without credentials, with a path that ends in `/`. */
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly timeoutMs: number;
  readonly gzip: boolean;
}

/** Checks what is passed to this package. Never give it a secret: messages show the value. */
export const check = optionChecks(invalid);

const defaults = { connectTimeoutMs: 10_000, idleTimeoutMs: 60_000, timeoutMs: 300_000, gzip: false };
const optionNames = ['url', 'username', 'password', 'token', ...Object.keys(defaults)];

/** @throws InfluxHttpError `INVALID_OPTIONS` */
export function resolveOptions(server: InfluxServer): ResolvedServer {
  check.names('InfluxServer', server, optionNames);
  const url = resolveUrl(server.url);
  const authorization = resolveAuthorization(server, url);
  url.username = url.password = '';
  return Object.freeze({
    url,
    authorization,
    connectTimeoutMs: resolveTimeout('connectTimeoutMs', server),
    idleTimeoutMs: resolveTimeout('idleTimeoutMs', server),
    timeoutMs: resolveTimeout('timeoutMs', server),
    gzip: check.flag('gzip', server.gzip === undefined ? defaults.gzip : server.gzip),
  });
}

/** The messages do not show the URL: it may carry a password. */
function resolveUrl(given: string | URL | undefined): URL {
  if (given === undefined || !URL.canParse(String(given))) {
    throw invalid('Expected `url` to be the URL of an InfluxDB server, such as http://127.0.0.1:8086.');
  }
  const url = new URL(given);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`Expected \`url\` to begin with http: or https:, got ${url.protocol}`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw invalid('Expected `url` to name the server alone, without `?` and `#`: each call names its database.');
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function resolveAuthorization({ username, password, token }: InfluxServer, url: URL): string | undefined {
  for (const [name, value] of Object.entries({ username, password, token })) {
    if (value === undefined || typeof value === 'string') continue;
    throw invalid(`Expected \`${name}\` to be a string, got a value of type ${typeof value}.`);
  }
  const isInUrl = url.username !== '' || url.password !== '';
  const given = [isInUrl, username !== undefined || password !== undefined, token !== undefined];
  if (given.filter(Boolean).length > 1) {
    throw invalid('Expected one credential: `username` and `password`, or `token`, or user:password@ in `url`.');
  }
  if (token !== undefined) {
    // What a header can carry. A line feed at the end is what usually goes wrong with a secret that is read from a file.
    if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
    throw invalid('Expected `token` to hold visible ASCII characters only, without a space or a line feed.');
  }
  if (isInUrl) return basic(decodeUserInfo(url.username), decodeUserInfo(url.password));
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) {
    throw invalid('Expected `username` and `password` together, got only one of them.');
  }
  return basic(username, password);
}

/** The message does not show the text, and the error has no cause: either may hold the password. */
function decodeUserInfo(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('Expected the user and password in `url` to be percent-encoded UTF-8. Write %25 for a % in it.');
  }
}

function basic(username: string, password: string): string {
  if (username.includes(':')) {
    throw invalid('Expected `username` to hold no colon: Basic authentication cannot carry one.');
  }
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function resolveTimeout(name: 'connectTimeoutMs' | 'idleTimeoutMs' | 'timeoutMs', server: InfluxServer): number {
  return check.wholeNumber(name, server[name] ?? defaults[name], { min: 1, max: timerMsMax, unit: 'milliseconds' });
}

function invalid(message: string): InfluxHttpError {
  return new InfluxHttpError('INVALID_OPTIONS', message);
}
