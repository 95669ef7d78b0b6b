import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { buildServer } from './server';

const {
  INFLUX_URL = 'http://127.0.0.1:8086',
  INSTANCE = 'influxdb-0.influxdb',
  BACKUP_DIR = './data/backup',
  SPOOL_DIR = './data/spool',
  HOST = '127.0.0.1',
  PORT = '8087',
} = process.env;

const sink = await BackupSink.open({
  storage: new LocalStorage(BACKUP_DIR),
  spoolDir: SPOOL_DIR,
  precision: 'ns', // holds whatever any client sends, exactly
  onSpoolFull: 'reject', // the client is told at once, and comes again
});
const server = buildServer({ influxUrl: INFLUX_URL, sink, instance: INSTANCE });

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, shutDown);

server.listen(Number(PORT), HOST);
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
console.log(`http://${HOST}:${port} stands in front of ${INFLUX_URL}, backing up to ${resolve(BACKUP_DIR)}`);

/** Takes no more requests, answers those under way, then seals and uploads; what is not stored waits in the spool. */
async function shutDown(): Promise<void> {
  server.close();
  await once(server, 'close');
  const { unstoredFiles } = await sink.close({ timeoutMs: 25_000 });
  console.log(`stopped; ${unstoredFiles} files wait in ${resolve(SPOOL_DIR)}`);
}
