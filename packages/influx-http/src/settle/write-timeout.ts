import { parseDurationMs } from '@ceres/internal';
import { InfluxHttpError } from '../errors';
import type { HttpClient } from '../http/client';
import { runQuery } from '../query/query-series';

/**
 * Returns after how long the server answers `timeout`: `[coordinator] write-timeout`. Returns `undefined` if it does not say:
 * with authentication on, it tells administrators only.
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
