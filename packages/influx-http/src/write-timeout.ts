import type { HttpClient } from './client';
import { InfluxHttpError } from './errors';
import { runQuery } from './query';

/** `[coordinator] write-timeout` where the server does not say. */
const defaultMs = 10_000;
const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, µs: 0.001, ns: 0.000001 };

/** After how long the server answers `timeout`; it tells administrators only, where authentication is on. */
export async function readWriteTimeoutMs(client: HttpClient, signal: AbortSignal | undefined): Promise<number> {
  try {
    for await (const { columns, values } of runQuery(client, '', "SHOW DIAGNOSTICS FOR 'config-coordinator'", signal)) {
      return parseDurationMs(values[columns.indexOf('write-timeout')] ?? '') ?? defaultMs;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof InfluxHttpError)) throw error;
  }
  return defaultMs;
}

/** As Go prints a duration: `1m30s`, `10s`, `1.5ms`; 0 means that the server never answers `timeout`. */
function parseDurationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(h|ms|m|s|µs|ns))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|µs|ns)/g)) {
    ms += Number(count) * (unitMs[unit as string] as number);
  }
  return ms > 0 ? ms : undefined;
}
