import { TsmError } from '../../errors';

/** The place on which a snapshot service listens. Format: docs/storage-engine.md, "Snapshot service". */
export interface SnapshotAddress {
  /** A name or an address, without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
}

const SERVICE_PORT = 8088;

/**
 * Reads `tcp://127.0.0.1:8088`. Without a port it is 8088, InfluxDB's default. Format: docs/storage-engine.md, "Snapshot service".
 *
 * @throws TsmError `INVALID_OPTIONS`
 */
export function parseSnapshotUrl(url: string): SnapshotAddress {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  const { hostname = '', port = '' } = parsed ?? {};
  const rest = parsed && `${parsed.username}${parsed.password}${parsed.pathname.replace(/^\/$/, '')}${parsed.search}`;
  if (parsed?.protocol !== 'tcp:' || hostname === '' || rest !== '' || port === '0') {
    throw new TsmError(
      'INVALID_OPTIONS',
      'Expected the URL of a snapshot service, such as tcp://127.0.0.1:8088, which takes no user and no path.',
    );
  }
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? SERVICE_PORT : Number(port) };
}

/** Says whether the address is one of this machine. A name counts only if it is `localhost`: others may change. */
export function isLoopback({ host }: SnapshotAddress): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Returns an address as messages show it. */
export function shownAddress({ host, port }: SnapshotAddress): string {
  return `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
