import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { BackupSink, createTee, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { consume } from './consumer';
import { connectRedis } from './redis';

const { REDIS_URL = 'redis://127.0.0.1:6379', STREAM = 'telemetry' } = process.env;
const { INFLUX_URL = 'http://127.0.0.1:8086', INSTANCE = 'influxdb-0.influxdb' } = process.env;
const { BACKUP_DIR = './data/backup', SPOOL_DIR = './data/spool' } = process.env;

const sink = await BackupSink.open({ storage: new LocalStorage(BACKUP_DIR), spoolDir: SPOOL_DIR, precision: 's' });
const influx = new InfluxWriter({ url: INFLUX_URL });
// 'resolve': InfluxDB may be down, because the backup holds the points, and a restore brings them.
const tee = createTee(influx, sink, { instance: INSTANCE, onInfluxError: 'resolve' });
const redis = await connectRedis(REDIS_URL);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

console.log(`consuming ${STREAM} from ${REDIS_URL}, backing up to ${resolve(BACKUP_DIR)}`);
try {
  await consume({ redis, tee, stream: STREAM, group: 'ceres', consumer: hostname() }, stop.signal);
} finally {
  await redis.close();
  const { unstoredFiles } = await sink.close({ timeoutMs: 25_000 });
  await influx.close();
  console.log(`stopped; ${unstoredFiles} files wait in ${resolve(SPOOL_DIR)}`);
}
