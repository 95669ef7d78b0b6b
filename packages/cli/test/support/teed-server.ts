import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, createTee } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { LocalStorage, type ObjectReader, surveyLedgers } from '@ceres/storage';
import { query, startInfluxd } from '@ceres/testkit';
import { expect, onTestFinished, vi } from 'vitest';

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

/** Waits until the storage has a heartbeat of this many sinks. Before, no reader knows of them, whatever they have stored. */
export async function knownSinks(storage: ObjectReader, count: number): Promise<void> {
  const known = async () => (await surveyLedgers(storage, { nowMs: Date.now() })).sinks;
  await vi.waitFor(async () => expect(await known()).toHaveLength(count), 60_000);
}
