import { createServer, type Server } from 'node:http';
import { type BackupSink, createWriteHandler } from '@ceres/backup-sink';

export interface ServerParts {
  /** The InfluxDB behind the proxy. */
  readonly influxUrl: string;
  readonly sink: BackupSink;
  readonly instance: string;
}

/**
 * Backs up every write, then hands it to InfluxDB and answers with InfluxDB's own answer. So a client that repeats what
 * InfluxDB did not take, as Telegraf does, goes on doing so, and no gap is left to restore.
 */
export function buildServer({ influxUrl, sink, instance }: ServerParts): Server {
  return createServer(createWriteHandler(influxUrl, sink, { instance }));
}
