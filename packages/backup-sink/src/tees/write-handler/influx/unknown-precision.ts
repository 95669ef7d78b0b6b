import { readTarget, type WriteApi, type WriteTarget } from '../../parameters/write-target';
import { Refusal } from '../reply';
import type { Upstream } from './upstream';

/** The first version that refuses a `precision` that it does not know. Those before it read nanoseconds. */
const firstThatRefuses = { major: 1, minor: 8 } as const;

/**
 * Reads the target of a write whose `precision` means what the server's version makes of it. Clients send `us` with nanoseconds
 * (influxdb1-client for Go does), and others with microseconds: a guess would store wrong times.
 *
 * @throws SinkError `INVALID_DATA` if the server would refuse the word, or does not say which version it is
 * @throws Refusal 503 if the server's version is not known because it is away
 */
export async function readTargetAsServer(
  upstream: Upstream,
  api: WriteApi,
  parameters: URLSearchParams,
): Promise<WriteTarget> {
  const version = await upstream.version().catch((error: Error) => {
    const message = `the precision means nanoseconds to InfluxDB before 1.8 and nothing after that, and InfluxDB is away: ${error.message}`;
    throw new Refusal(503, message, { cause: error });
  });
  return readTarget(api, parameters, readsUnknownAsNanoseconds(version) ? 'ns' : undefined);
}

function readsUnknownAsNanoseconds(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) === firstThatRefuses.major && Number(minor) < firstThatRefuses.minor;
}
