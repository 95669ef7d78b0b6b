import { InfluxHttpError } from '../errors';
import type { HttpClient } from '../http/client';
import { runQuery } from '../query/query';

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, µs: 0.001, ns: 0.000001 };

/**
 * After how long the server answers `timeout`: `[coordinator] write-timeout`.
 *
 * @returns `undefined` if it does not say: where authentication is on, it tells administrators only
 */
export async function readWriteTimeoutMs(
  client: HttpClient,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  try {
    for await (const { columns, values } of runQuery(client, '', "SHOW DIAGNOSTICS FOR 'config-coordinator'", signal)) {
      return parseDurationMs(values[columns.indexOf('write-timeout')] ?? '');
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof InfluxHttpError)) throw error;
  }
  return undefined;
}

/** As Go prints a duration: `1m30s`, `10s`, `1.5ms`. */
function parseDurationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(h|ms|m|s|µs|ns))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|µs|ns)/g)) {
    ms += Number(count) * (unitMs[unit as string] as number);
  }
  return ms;
}
