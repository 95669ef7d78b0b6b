import { type IncomingHttpHeaders, type OutgoingHttpHeaders, validateHeaderName } from 'node:http';

/** Headers about one connection, not about the message (RFC 9110, 7.6.1). Passing them on is how requests are smuggled. */
const hopByHop: readonly string[] = [
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Headers by which a server, or a proxy before it, may judge a client. */
const judgedHeader = /auth|cookie|key|secret|token/;

/** Says whether a header, in lower case, belongs to a credential. */
export function isCredentialHeader(name: string): boolean {
  return judgedHeader.test(name);
}

/**
 * Returns the headers that a proxy passes on, in either direction; `without` names more to leave out.
 *
 * `Connection: content-length` does not remove the length: without it, a body would be read as the next request. Nor does `Connection`
 * remove a credential: InfluxDB would judge the write by another one than the backup did.
 */
export function endToEnd(headers: IncomingHttpHeaders, without: readonly string[] = []): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const removed = named.filter((name) => name !== 'content-length' && !isCredentialHeader(name));
  const left = new Set([...hopByHop, ...removed, ...without]);
  const passed: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || left.has(name) || !isName(name)) continue;
    passed[name] = Array.isArray(value) ? value.map(printable) : printable(value);
  }
  return passed;
}

/** InfluxDB copies a bad line into a header, control characters included, and Node refuses to send such a header. */
function printable(value: string): string {
  return value.replace(/[^\t\x20-\x7e\x80-\xff]/g, ' ');
}

function isName(name: string): boolean {
  try {
    validateHeaderName(name);
    return true;
  } catch {
    return false; // Only a lenient parser lets such a name in, and no client needs it.
  }
}
