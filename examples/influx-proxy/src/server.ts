import { createServer, type Server } from 'node:http';
import { type BackupSink, createWriteHandler } from '@ceres/backup-sink';

/** What makes a proxy's sink treat its clients as InfluxDB does. */
export const sinkSettings = {
  precision: 'ns', // holds exactly what any client sends
  onInvalid: 'quarantine', // a bad line costs no client its batch: the good lines are stored
  onSpoolFull: 'reject', // the client gets 503 at once, and retries
} as const;

/** What the proxy is built from. */
export interface ServerParts {
  /** The URL of the InfluxDB behind the proxy. */
  readonly influxUrl: string;
  readonly sink: BackupSink;
  readonly instance: string;
}

/**
 * Builds the proxy, not yet listening. It backs up every write, then sends it to InfluxDB and passes on InfluxDB's own answer.
 * A client that retries what InfluxDB did not store, as Telegraf does, still does so, and no gap is left to restore.
 */
export function buildServer({ influxUrl, sink, instance }: ServerParts): Server {
  // Clients that close their half of the connection after a write get their answer, as from InfluxDB.
  return Object.assign(createServer(createWriteHandler(influxUrl, sink, { instance })), { httpAllowHalfOpen: true });
}
