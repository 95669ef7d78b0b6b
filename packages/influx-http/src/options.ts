import { invalid, refuseUnknownNames } from './names';

/** Where an InfluxDB 1.x server is, who asks, and how long to wait for it. */
export interface InfluxServer {
  /** `http://` or `https://`, with the path under which a proxy offers it, if any. May carry `user:password@`. */
  readonly url: string | URL;
  /** With `password`: sent as Basic authentication. */
  readonly username?: string;
  readonly password?: string;
  /** A JSON Web Token signed with the server's `shared-secret`: sent as Bearer. Instead of a user and password. */
  readonly token?: string;
  /** Until connected: name lookup, TCP and TLS. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** The longest silence: no byte sent or received where one is due. Default 60,000. Does not limit the wait for a query’s first row. */
  readonly idleTimeoutMs?: number;
  /** The whole of a write or a ping; of a query, the wait for its first row. Default 300,000. */
  readonly timeoutMs?: number;
  /** Compress the bodies of writes: 6 % slower on loopback, worth it over a network. Default false. */
  readonly gzip?: boolean;
}

export interface ResolvedServer {
  /** Without credentials, and with a path that ends in `/`. */
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly timeoutMs: number;
  readonly gzip: boolean;
}

const defaults = { connectTimeoutMs: 10_000, idleTimeoutMs: 60_000, timeoutMs: 300_000, gzip: false };
const names: readonly (keyof InfluxServer)[] = [
  'url',
  'username',
  'password',
  'token',
  'connectTimeoutMs',
  'idleTimeoutMs',
  'timeoutMs',
  'gzip',
];
/** Node’s timers take 31 bits, and fire at once beyond them. */
const timeoutMsMax = 2 ** 31 - 1;

/** @throws InfluxHttpError `INVALID_OPTIONS` */
export function resolveOptions(server: InfluxServer): ResolvedServer {
  refuseUnknownNames(server, names);
  const url = resolveUrl(server.url);
  const authorization = resolveAuthorization(server, url);
  url.username = url.password = '';
  return Object.freeze({
    url,
    authorization,
    connectTimeoutMs: resolveTimeout('connectTimeoutMs', server),
    idleTimeoutMs: resolveTimeout('idleTimeoutMs', server),
    timeoutMs: resolveTimeout('timeoutMs', server),
    gzip: resolveGzip(server.gzip),
  });
}

function resolveUrl(given: string | URL | undefined): URL {
  if (given === undefined) throw invalid("missing option 'url', such as http://127.0.0.1:8086");
  if (!URL.canParse(String(given))) throw invalid("'url' is not a URL: it must be such as http://127.0.0.1:8086");
  const url = new URL(given);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`'url' begins with '${url.protocol}': it must be http: or https:`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw invalid("'url' holds '?' or '#': it names the server alone; databases are named call by call");
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function resolveAuthorization({ username, password, token }: InfluxServer, url: URL): string | undefined {
  for (const [name, value] of Object.entries({ username, password, token })) {
    if (value !== undefined && typeof value !== 'string') throw invalid(`'${name}' must be a string`);
  }
  const inUrl = url.username !== '' || url.password !== '';
  const given = [inUrl, username !== undefined || password !== undefined, token !== undefined];
  if (given.filter(Boolean).length > 1) {
    throw invalid("give one credential: 'username' and 'password', or 'token', or user:password@ in 'url'");
  }
  if (token !== undefined) {
    // What a header can carry; a line feed at the end is how secrets read from a file usually go wrong.
    if (!/^[\x21-\x7e]+$/.test(token)) throw invalid("'token' holds a space, a line feed or a character beyond ASCII");
    return `Bearer ${token}`;
  }
  if (inUrl) return basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  if (username === undefined && password === undefined) return undefined;
  if (username === undefined || password === undefined) throw invalid("'username' and 'password' go together");
  return basic(username, password);
}

function basic(username: string, password: string): string {
  if (username.includes(':')) throw invalid("'username' holds a ':', which Basic authentication cannot carry");
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function resolveTimeout(name: 'connectTimeoutMs' | 'idleTimeoutMs' | 'timeoutMs', server: InfluxServer): number {
  const value = server[name] ?? defaults[name];
  if (!Number.isSafeInteger(value) || value < 1 || value > timeoutMsMax) {
    throw invalid(`'${name}' is ${String(value)}: it must be a whole number of milliseconds, 1 to ${timeoutMsMax}`);
  }
  return value;
}

function resolveGzip(gzip: boolean | undefined): boolean {
  if (gzip !== undefined && typeof gzip !== 'boolean') throw invalid(`'gzip' must be true or false`);
  return gzip ?? defaults.gzip;
}
