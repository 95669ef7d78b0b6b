import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { type Influxd, influxdAvailable, query, startInfluxd, startProgram } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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

  it.each(['2026-11-23T08:15:00Z', '2026-11-23T08:15:00.25+01:00'])('accepts the time %s', async (time) => {
    expect((await post([{ ...room, measurement: 'times', time }])).statusCode).toBe(202);
  });

  it.each(['2026-11-23T08:15:00.250123Z', '2026-11-23', 'now', 1795421700])('refuses the time %s', async (time) => {
    expect((await post([{ ...room, time }])).statusCode).toBe(400);
  });

  it('refuses a number that no float64 can hold, and a name that no file can have', async () => {
    const huge = JSON.stringify([room]).replace('21.5', '1e400');
    const headers = { 'content-type': 'application/json' };
    const answer = await server.inject({ method: 'POST', url: '/telemetry/db_0', headers, payload: huge });
    expect(answer.statusCode).toBe(400);
    const nowhere = await server.inject({ method: 'POST', url: '/telemetry/a%0Ab', payload: [room] });
    expect(nowhere.statusCode).toBe(400);
    expect(nowhere.json().message).toContain('control character');
  });

  it('accepts telemetry into the backup alone while InfluxDB is down', async () => {
    await influxd.kill();
    const response = await post([room]);
    expect(response.statusCode).toBe(202);
    expect(response.json()).toMatchObject({ accepted: 1, influx: 'retry' });
    await influxd.restart();
  });

  it('tells Prometheus what is at risk', async () => {
    const { body } = await server.inject('/metrics');
    expect(body).toContain('ceres_sink_accepted_lines_total 4');
    // examples/monitoring alerts on this one.
    expect(body).toMatch(/^ceres_sink_oldest_unstored_seconds [\d.]+$/m);
  });

  it('asks the device to retry when the points cannot be made durable', async () => {
    await sink.close();
    expect(await post([room])).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
  });
});

it('the HTTP ingestion program serves, and on SIGTERM stores what it acked', async () => {
  const main = new URL('../src/main.ts', import.meta.url);
  const program = await startProgram(main, { PORT: '0', INFLUX_URL: 'http://127.0.0.1:1' });
  onTestFinished(() => program.remove());
  const [, url] = await program.printed(/listening on (\S+),/);
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/telemetry/db_0`, { method: 'POST', headers, body: JSON.stringify([room]) });
  expect(await answer.json()).toEqual({ accepted: 1, influx: 'retry' });
  program.signal('SIGTERM');
  expect(await program.exited).toMatch(/^listening on .*\nstopped; 0 files wait in .*\n$/);
  const files = await readdir(join(program.directory, 'data/backup/influxdb-0.influxdb/db_0'), { recursive: true });
  expect(files.filter((file) => file.endsWith('.gz'))).toHaveLength(1);
});
