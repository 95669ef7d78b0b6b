import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildServer } from '../src/server';

const room = { measurement: 'room', tags: { floor: '3' }, fields: { celsius: 21.5 }, time: '2024-01-10T12:00:00.125Z' };

describe.skipIf(!(await influxdAvailable()))('the HTTP ingestion example', () => {
  let folder: string;
  let influxd: Influxd;
  let sink: BackupSink;
  let server: ReturnType<typeof buildServer>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-http-ingest-'));
    influxd = await startInfluxd();
    await query(influxd.url, '', 'CREATE DATABASE db_0');
    const storage = new LocalStorage(join(folder, 'backup'));
    sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 'ms' });
    server = buildServer({ sink, influx: new InfluxWriter({ url: influxd.url }), instance: 'test' });
  });

  afterAll(async () => {
    await server?.close();
    await sink?.close();
    await influxd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const post = (payload: unknown) =>
    server.inject({ method: 'POST', url: '/telemetry/db_0', payload: payload as object });

  it('writes valid telemetry to InfluxDB and to the backup', async () => {
    const response = await post([room]);
    expect(response.json()).toEqual({ accepted: 1, influx: 'stored' });
    expect(await query(influxd.url, 'db_0', 'SELECT celsius FROM room')).toMatchObject([
      { values: [[room.time, 21.5]] },
    ]);
  });

  it('refuses telemetry without fields, and writes nothing', async () => {
    const before = sink.stats().acceptedLines;
    expect((await post([room, { ...room, fields: {} }])).statusCode).toBe(400);
    expect(sink.stats().acceptedLines).toBe(before);
  });

  it('goes on into the backup alone while InfluxDB is down', async () => {
    await influxd.kill();
    const response = await post([room]);
    expect(response.statusCode).toBe(202);
    expect(response.json()).toMatchObject({ accepted: 1, influx: 'retry' });
    await influxd.restart();
  });

  it('tells Prometheus what is at risk', async () => {
    const { body } = await server.inject('/metrics');
    expect(body).toContain('ceres_accepted_lines_total 2');
    expect(body).toMatch(/^ceres_oldest_unstored_seconds [\d.]+$/m);
  });
});
