import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, createTee, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import {
  type Influxd,
  influxdAvailable,
  query,
  type Redis,
  redisAvailable,
  startInfluxd,
  startProgram,
  startRedis,
} from '@ceres/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ConsumerParts, consume } from '../src/consumer';
import { connectRedis, type RedisClient } from '../src/redis';

const subscription = { stream: 'telemetry', group: 'ceres', consumer: 'consumer-0' };
const available = (await influxdAvailable()) && (await redisAvailable());

describe.skipIf(!available)('the queue consumer example', () => {
  let folder: string;
  let influxd: Influxd;
  let redisServer: Redis;
  let redis: RedisClient;
  let producer: RedisClient;
  let influx: InfluxWriter;
  let sink: BackupSink;
  let tee: ConsumerParts['tee'];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-queue-consumer-'));
    [influxd, redisServer] = await Promise.all([startInfluxd(), startRedis()]);
    await query(influxd.url, '', 'CREATE DATABASE db_0');
    redis = await connectRedis(redisServer.url);
    producer = await connectRedis(redisServer.url);
    const storage = new LocalStorage(join(folder, 'backup'));
    sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's' });
    influx = new InfluxWriter({ url: influxd.url });
    tee = createTee(influx, sink, { instance: 'test', onInfluxError: 'resolve' });
  });

  afterAll(async () => {
    await Promise.all([redis?.close(), producer?.close()]);
    await redisServer?.stop();
    await sink?.close();
    await influx?.close();
    await influxd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await producer.flushAll();
  });

  const produce = (lines: string, database = 'db_0') => producer.xAdd(subscription.stream, '*', { database, lines });
  const pending = async () => (await producer.xPending(subscription.stream, subscription.group)).pending;
  const count = async (measurement: string) => {
    const [series] = await query(influxd.url, 'db_0', `SELECT count(v) FROM ${measurement}`);
    return series?.values[0]?.[1] ?? 0;
  };

  /** Consumes until `done` resolves with true. */
  async function consumeUntil(done: () => Promise<boolean>, changes: Partial<ConsumerParts> = {}): Promise<void> {
    const stop = new AbortController();
    const consumption = consume({ redis, tee, ...subscription, ...changes }, stop.signal);
    const stopped = vi.waitUntil(done, { timeout: 10_000, interval: 20 }).finally(() => stop.abort());
    await Promise.all([consumption, stopped]);
  }

  it('writes entries to InfluxDB and to the backup, and then commits them', async () => {
    const before = sink.stats().acceptedLines;
    await produce('fresh v=1 1795421700\nfresh v=2 1795421701');
    await produce('fresh v=3 1795421702');
    await consumeUntil(async () => (await count('fresh')) === 3);
    expect(await pending()).toBe(0);
    expect(sink.stats().acceptedLines - before).toBe(3);
  });

  it('does not commit what the spool did not take, and writes it after a restart', async () => {
    await produce('again v=1 1795421700');
    const broken: ConsumerParts['tee'] = { write: () => Promise.reject(new Error('the disk is broken')) };
    const stop = new AbortController();
    await expect(consume({ redis, tee: broken, ...subscription }, stop.signal)).rejects.toThrow('the disk is broken');
    expect(await pending()).toBe(1);

    await consumeUntil(async () => (await count('again')) === 1);
    expect(await pending()).toBe(0);
  });

  it('sets aside what can never be written, with the reason, and goes on', async () => {
    await produce('no line protocol');
    await producer.xAdd(subscription.stream, '*', { lines: 'nowhere v=1 1795421700' });
    await produce('good v=1 1795421700');
    await consumeUntil(async () => (await count('good')) === 1 && (await pending()) === 0);
    const refused = await producer.xRange(`${subscription.stream}:refused`, '-', '+');
    const messages = refused?.map(({ message }) => message);
    expect(messages).toHaveLength(2);
    expect(messages).toContainEqual({ database: 'db_0', lines: 'no line protocol', reason: expect.any(String) });
    expect(messages).toContainEqual({
      lines: 'nowhere v=1 1795421700',
      reason: "the field 'database' is missing",
    });
  });

  it("without 'resolve', sets aside what InfluxDB will never store completely, and stops at what can be fixed", async () => {
    const rejecting = createTee(influx, sink, { instance: 'test' });
    await query(influxd.url, '', 'CREATE RETENTION POLICY rp_1h ON db_0 DURATION 1h REPLICATION 1');
    const expired = { database: 'db_0', retentionPolicy: 'rp_1h', lines: 'expired v=1 1600000000' };
    await producer.xAdd(subscription.stream, '*', expired);
    await produce('conflict v=1 1795421700');
    await produce('conflict v="text" 1795421701');
    await produce('behind v=1 1795421700');
    await consumeUntil(async () => (await count('behind')) === 1 && (await pending()) === 0, { tee: rejecting });
    const refused = await producer.xRange(`${subscription.stream}:refused`, '-', '+');
    expect(refused?.map(({ message }) => message)).toEqual([
      { ...expired, reason: expect.stringContaining('beyond retention policy') },
      { database: 'db_0', lines: 'conflict v="text" 1795421701', reason: expect.stringContaining('conflict') },
    ]);

    await produce('lost v=1 1795421700', 'no_such_db');
    const stop = new AbortController();
    const consumption = consume({ redis, tee: rejecting, ...subscription }, stop.signal);
    await expect(consumption).rejects.toMatchObject({ code: 'NO_DATABASE' });
    expect(await pending()).toBe(1);
  });

  it('continues after an entry that was trimmed from the stream after it was taken', async () => {
    await producer.xGroupCreate(subscription.stream, subscription.group, '0', { MKSTREAM: true });
    const id = await produce('trimmed v=1 1795421700');
    const news = { key: subscription.stream, id: '>' };
    await producer.xReadGroup(subscription.group, subscription.consumer, news);
    await producer.xDel(subscription.stream, id);
    await produce('kept v=1 1795421700');
    await consumeUntil(async () => (await count('kept')) === 1);
    expect(await pending()).toBe(0);
  });

  it('commits while InfluxDB is down, because the backup holds the points', async () => {
    const before = sink.stats().acceptedLines;
    await influxd.kill();
    await produce('lonely v=1 1795421700');
    await consumeUntil(async () => sink.stats().acceptedLines > before && (await pending()) === 0);
    expect(await pending()).toBe(0);
    await influxd.restart();
  });

  it('writes an entry after a restart if the program is killed before it commits', async () => {
    const main = new URL('../src/main.ts', import.meta.url);
    const settings = { REDIS_URL: redisServer.url, INFLUX_URL: influxd.url, BACKUP_DIR: join(folder, 'program') };
    const start = async () => {
      const program = await startProgram(main, { ...settings, SPOOL_DIR: join(folder, 'program-spool') });
      onTestFinished(() => program.remove());
      await program.printed(/^consuming telemetry/);
      return program;
    };
    await produce('killed v=1 1795421700');
    await influxd.pause();
    const first = await start();
    const pendingIs = async (entries: number) => expect(await pending()).toBe(entries);
    await vi.waitFor(() => pendingIs(1), { timeout: 60_000 });
    first.signal('SIGKILL');
    await first.exited;
    await influxd.resume();
    const second = await start();
    await vi.waitFor(() => pendingIs(0), { timeout: 60_000 });
    second.signal('SIGTERM');
    expect(await second.exited).toMatch(/\nstopped; 0 files wait in .*\n$/);
    expect(await count('killed')).toBe(1);
    const files = await readdir(settings.BACKUP_DIR, { recursive: true });
    expect(files.filter((file) => file.endsWith('.gz'))).not.toEqual([]);
  });
});
