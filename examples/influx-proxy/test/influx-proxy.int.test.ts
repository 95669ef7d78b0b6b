import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { type Influxd, influxdAvailable, query, startInfluxd, startProgram } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildServer, sinkSettings } from '../src/server';

const timeNs = 1_795_421_700_123_456_789n;

describe.skipIf(!(await influxdAvailable()))('the proxy example', () => {
  let folder: string;
  let influxd: Influxd;
  let sink: BackupSink;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-influx-proxy-'));
    influxd = await startInfluxd();
    const storage = new LocalStorage(join(folder, 'backup'));
    sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), ...sinkSettings });
    server = buildServer({ influxUrl: influxd.url, sink, instance: 'test' }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server?.close();
    await sink?.close();
    await influxd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Writes as Telegraf's `outputs.influxdb` does. */
  const writeLikeTelegraf = (lines: string) =>
    fetch(`${url}/write?db=telegraf`, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip', 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'Telegraf' },
      body: gzipSync(lines),
    });

  it('passes on what Telegraf sends first: the statement that creates its database', async () => {
    expect(await query(url, '', 'CREATE DATABASE "telegraf"')).toEqual([]);
    const [databases] = await query(influxd.url, '', 'SHOW DATABASES');
    expect(databases?.values.flat()).toContain('telegraf');
  });

  it('writes a gzip body to InfluxDB and to the backup', async () => {
    expect((await writeLikeTelegraf(`mem,host=a free=5i ${timeNs}\nmem,host=b free=6i ${timeNs}\n`)).status).toBe(204);
    const [series] = await query(influxd.url, 'telegraf', 'SELECT count(free) FROM mem');
    expect(series?.values[0]?.[1]).toBe(2);
    expect(sink.stats().acceptedLines).toBe(2);
  });

  it('stores 999 of 1,000 lines on both sides if one is bad, and answers as InfluxDB does', async () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => `batch,n=${n} v=${n === 500 ? 'NaN' : n} ${timeNs}`).join(
      '\n',
    );
    const acceptedBefore = sink.stats().acceptedLines;
    const answer = await writeLikeTelegraf(lines);
    const direct = await fetch(`${influxd.url}/write?db=telegraf`, { method: 'POST', body: lines });
    expect([answer.status, direct.status]).toEqual([400, 400]);
    const start = /^partial write: unable to parse 'batch,n=500 v=NaN \d+': .* dropped=0$/;
    expect(((await answer.json()) as { error: string }).error).toMatch(start);
    expect(((await direct.json()) as { error: string }).error).toMatch(start);
    const [series] = await query(influxd.url, 'telegraf', 'SELECT count(v) FROM batch');
    expect(series?.values[0]?.[1]).toBe(999);
    expect(sink.stats().acceptedLines - acceptedBefore).toBe(999);
    expect(sink.stats().quarantinedLines).toBe(1);
  });

  it('backs up a write while InfluxDB is down, and lets Telegraf retry it', async () => {
    await influxd.kill();
    const acceptedBefore = sink.stats().acceptedLines;
    expect((await writeLikeTelegraf(`mem,host=a free=7i ${timeNs}\n`)).status).toBe(502);
    expect(sink.stats().acceptedLines - acceptedBefore).toBe(1);
    await influxd.restart();
    expect((await writeLikeTelegraf(`mem,host=a free=7i ${timeNs}\n`)).status).toBe(204);
  });

  it('listens where telegraf.conf expects it', async () => {
    const main = await readFile(new URL('../src/main.ts', import.meta.url), 'utf8');
    const port = /PORT = '(\d+)'/.exec(main)?.[1];
    const telegraf = await readFile(new URL('../telegraf.conf', import.meta.url), 'utf8');
    expect(telegraf).toContain(`urls = ["http://127.0.0.1:${port}"]`);
  });

  it('answers 503 at once when the spool is full, with the settings of the program', async () => {
    const stuck = { put: () => new Promise<never>(() => undefined) };
    const spoolDir = join(folder, 'full');
    const full = await BackupSink.open({ storage: stuck, spoolDir, spoolBytesMax: 8192, ...sinkSettings });
    onTestFinished(() => void full.close({ timeoutMs: 1 }));
    const proxy = buildServer({ influxUrl: influxd.url, sink: full, instance: 'test' }).listen(0, '127.0.0.1');
    onTestFinished(() => void proxy.close());
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const write = (line: string) =>
      fetch(`http://127.0.0.1:${port}/write?db=telegraf`, { method: 'POST', body: `${line} ${timeNs}` });
    expect((await write(`mem text="${randomBytes(1500).toString('hex')}"`)).status).toBe(204);
    const answer = await write(`mem text="${'x'.repeat(6000)}"`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});

it('the proxy program serves, and on SIGTERM stores what it acked', async () => {
  const main = new URL('../src/main.ts', import.meta.url);
  // Accepts the client, for which an empty write asks, and hangs up on what it writes.
  const influx = createServer((request, response) => {
    if (request.headers['content-length'] === '0') response.writeHead(204).end();
    else request.socket.destroy();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void influx.close());
  await once(influx, 'listening');
  const influxUrl = `http://127.0.0.1:${(influx.address() as AddressInfo).port}`;
  const program = await startProgram(main, { PORT: '0', INFLUX_URL: influxUrl });
  onTestFinished(() => program.remove());
  const [, url] = await program.printed(/^(\S+) stands in front of/);
  const answer = await fetch(`${url}/write?db=telegraf`, { method: 'POST', body: `mem free=5i ${timeNs}` });
  expect(answer.status).toBe(502);
  program.signal('SIGTERM');
  expect(await program.exited).toMatch(/\nstopped; 0 files wait in .*\n$/);
  const files = await readdir(join(program.directory, 'data/backup/influxdb-0.influxdb/telegraf'), { recursive: true });
  expect(files.filter((file) => file.endsWith('.gz'))).toHaveLength(1);
});
