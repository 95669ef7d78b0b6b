import type { Clock } from '@ceres/internal';
import { RestoreError } from '../../errors';
import { quoted, type ServerConnection } from '../../server/connection';
import { MARKER_TAG } from './claims';

/** How long the server may take to put a shard into place. */
export const SHOWN_MS_MAX = 20_000;

export interface MarkerSettings {
  readonly connection: ServerConnection;
  /** The value of the marker tag. */
  readonly marker: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Drops the series that claimed fields in all shards of a database, whatever their measurements are called, once no shard of it is being put
 * into place. A shard that has nothing but these series forgets its fields with them: load it before.
 *
 * @returns false if a shard was being put into place all the time
 * @throws RestoreError `SERVER_…`; the signal's reason
 */
export async function dropMarker(database: string, settings: MarkerSettings): Promise<boolean> {
  const { connection, marker, clock, signal } = settings;
  const endMs = clock.now() + SHOWN_MS_MAX;
  for (let waitMs = 20; ; waitMs = Math.min(2 * waitMs, 2_000)) {
    try {
      await connection.ask(database, `DROP SERIES WHERE ${quoted(MARKER_TAG)} = '${marker}'`);
      return true;
    } catch (error) {
      if (!isSwapping(error)) throw error;
      if (clock.now() >= endMs) return false;
    }
    await clock.sleep(waitMs, signal);
  }
}

/** While a shard is put into place, InfluxDB answers an error. */
export function isSwapping(error: unknown): boolean {
  return (
    error instanceof RestoreError &&
    error.code === 'SERVER_QUERY_FAILED' &&
    /shard is disabled|engine is closed|shard is closed/.test(error.message)
  );
}
