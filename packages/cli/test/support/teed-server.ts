import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, createTee } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { LocalStorage } from '@ceres/storage';
import { query, startInfluxd } from '@ceres/testkit';
import { onTestFinished } from 'vitest';

/**
 * Starts an InfluxDB with an empty database `db`, and a tee before it whose sink says every 200 ms, by default, what it stored; both end with
 * the test.
 */
export async function startTeedServer(instance: string, { heartbeatMs = 200 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-teed-'));
  const server = await startInfluxd();
  const bucket = join(folder, 'bucket');
  const storage = new LocalStorage(bucket);
  const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's', heartbeatMs });
  const influx = new InfluxWriter({ url: server.url });
  onTestFinished(async () => {
    await sink.close();
    await influx.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });
  await query(server.url, '', 'CREATE DATABASE db');
  return { folder, server, bucket, storage, sink, tee: createTee(influx, sink, { instance }) };
}
