import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { buildServer, sinkSettings } from './server';

const { HOST = '127.0.0.1', PORT = '8087', INFLUX_URL = 'http://127.0.0.1:8086' } = process.env;
const { INSTANCE = 'influxdb-0.influxdb', BACKUP_DIR = './data/backup', SPOOL_DIR = './data/spool' } = process.env;

const sink = await BackupSink.open({
  storage: new LocalStorage(BACKUP_DIR),
  spoolDir: SPOOL_DIR,
  ...sinkSettings,
});
const server = buildServer({ influxUrl: INFLUX_URL, sink, instance: INSTANCE });

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, shutDown);

server.listen(Number(PORT), HOST);
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
console.log(`http://${HOST}:${port} stands in front of ${INFLUX_URL}, backing up to ${resolve(BACKUP_DIR)}`);

/** Takes no more requests, answers those in progress, then seals and uploads. What is not stored waits in the spool. */
async function shutDown(): Promise<void> {
  server.close();
  await once(server, 'close');
  const { unstoredFiles } = await sink.close({ timeoutMs: 25_000 });
  console.log(`stopped; ${unstoredFiles} files wait in ${resolve(SPOOL_DIR)}`);
}
