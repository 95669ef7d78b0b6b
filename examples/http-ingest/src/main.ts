import { resolve } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { buildServer } from './server';

const { HOST = '127.0.0.1', PORT = '3000', INFLUX_URL = 'http://127.0.0.1:8086' } = process.env;
const { INSTANCE = 'influxdb-0.influxdb', BACKUP_DIR = './data/backup', SPOOL_DIR = './data/spool' } = process.env;

const sink = await BackupSink.open({ storage: new LocalStorage(BACKUP_DIR), spoolDir: SPOOL_DIR, precision: 'ms' });
const influx = new InfluxWriter({ url: INFLUX_URL });
const server = buildServer({ sink, influx, instance: INSTANCE });

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, shutDown);

const url = await server.listen({ host: HOST, port: Number(PORT) });
console.log(`listening on ${url}, backing up to ${resolve(BACKUP_DIR)}`);

/** Takes no more requests, answers those in progress, then seals and uploads. What is not stored waits in the spool. */
async function shutDown(): Promise<void> {
  await server.close();
  const { unstoredFiles } = await sink.close({ timeoutMs: 25_000 });
  await influx.close();
  console.log(`stopped; ${unstoredFiles} files wait in ${resolve(SPOOL_DIR)}`);
}
