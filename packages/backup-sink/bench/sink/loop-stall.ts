import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import {
  BackupSink,
  createTee,
  createWriteHandler,
  LocalStorage,
  type Tee,
  teeInflux,
  teeTransport,
} from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { median, report, telemetryPoints } from '@ceres/testkit';
import { InfluxDB as V2Client } from '@influxdata/influxdb-client';
import { InfluxDB } from 'influx';

/** An InfluxDB that answers 204 to everything, and a client that posts a body of each kind, in a process of their own. */
const others = `
const http = require('node:http');
const { gzipSync } = require('node:zlib');
const influx = http.createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(204, { 'x-influxdb-version': '1.6.7' }).end());
}).listen(0, '127.0.0.1', () => process.send({ port: influx.address().port }));
const fields = (count) => Array.from({ length: count }, (_, n) => ',f' + n + '=1').join('');
const bodies = {
  'short lines': 'm v=1\\n'.repeat(1_000_000),
  'blank lines': '\\n'.repeat(1_000_000),
  'comments': '# m v=1\\n'.repeat(1_000_000),
  'good lines': 'm,host=a,region=b v=1,w="abc",x=3i 1700000000\\n'.repeat(1_000_000),
  'bad lines': 'x\\n'.repeat(1_000_000),
  'too many lines': 'm v=1\\n'.repeat(15_000_000),
  'digits': 'm v=' + '1'.repeat(490_000) + 'x',
  'one integer': 'm v=' + '9'.repeat(490_000) + 'i',
  'many fields': 'm v=1' + Array.from({ length: 50_000 }, (_, n) => ',f' + n + '=1').join(''),
  'many tags': 'm' + Array.from({ length: 50_000 }, (_, n) => ',t' + n + '=1').join('') + ' v=1',
  'an open string': 'm v="' + 'a\\n'.repeat(900_000),
  'a line of one string': 'm v="' + 'a b,'.repeat(5_000_000) + '" 1700000000',
  'a line of escaped quotes': 'm v="' + '\\\\"'.repeat(10_000_000) + '" 1700000000',
  'a line of long digits': 'm v=0.' + '1'.repeat(20_000_000) + ' 1700000000',
  'a line of many fields': 'm v=1' + Array.from({ length: 190_000 }, (_, n) => ',f' + n + '="a",g' + n + '=1').join(''),
  'a line of a long name': 'm'.repeat(20_000_000) + ' v=1 1700000000',
  'a line of backslashes': 'm ' + '\\\\'.repeat(10_000_000) + '=1 1700000000',
  'a line of blanks': 'm' + ' '.repeat(8_000_000) + 'v=1' + ' '.repeat(8_000_000) + '1700000000' + ' '.repeat(8_000_000),
  'blanks before a line': ' '.repeat(24_000_000) + 'm v=1 1700000000',
  'a line of a long timestamp': 'm v=1 ' + '0'.repeat(24_000_000) + '1',
  'many fields behind a tag that is not UTF-8': Buffer.from('m,t=\\xff v=1' + fields(190_000) + ' 1700000000\\n', 'latin1'),
  'many measurements': Array.from({ length: 500_000 }, (_, n) => 'm' + n + ' v=1 1700000000\\n').join(''),
  'many series': Array.from({ length: 500_000 }, (_, n) => 'm,t=' + n + ' v=1 1700000000\\n').join(''),
  'lines of too many fields': ('m v=1' + fields(300_000) + ' 1700000000\\n').repeat(8),
  'lines of too many tags': ('m' + fields(100_000) + ' v=1 1700000000\\n').repeat(20),
  'lines of 60 KB of fields': ('m v="a"' + fields(6_000) + ' 1700000000\\n').repeat(300),
};
process.on('message', async (port) => {
  for (const [kind, body] of Object.entries(bodies)) {
    const sent = gzipSync(body, { level: 1 });
    for (let round = 0; round < 3; round += 1) {
      process.send({ kind });
      await once(port, sent);
      process.send({ done: kind });
    }
  }
  process.send({ end: true });
});
function once(port, body) {
  return new Promise((resolve) => {
    const headers = { 'content-encoding': 'gzip', 'content-length': body.length };
    http.request({ host: '127.0.0.1', port, method: 'POST', path: '/write?db=db_0&precision=s', headers }, (response) => {
      response.resume().on('end', resolve);
    }).on('error', resolve).end(body);
  });
}
`;

/** Measures the longest time that the event loop is kept from everything else while large writes of every kind are handled. */
export async function loopStall(bench: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-bench-stall-'));
  const child = spawn(process.execPath, ['-e', others], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const storage = new LocalStorage(join(folder, 'backup'));
  const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 'ns' });
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    const url = `http://127.0.0.1:${port}`;
    const server = createServer(createWriteHandler(url, sink, { instance: 'influxdb-0' }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const watch = new LoopWatch();
    await sendBodies(child, (server.address() as AddressInfo).port, watch);
    await writeThroughTees(url, sink, watch);
    await closeManyPartitions(folder, watch);
    const stalls = watch.stop();
    report({ bench, case: 'loop-stall-ms', unit: 'ms', ours: Math.max(...[...stalls.keys()].map(ownStall(stalls))) });
    server.closeAllConnections();
    server.close();
  } finally {
    child.kill();
    await sink.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Resolves when the client has sent everything. */
function sendBodies(child: ChildProcess, port: number, watch: LoopWatch): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message: { kind?: string; done?: string; end?: boolean }) => {
      if (message.kind !== undefined) watch.begin();
      if (message.done !== undefined) watch.end(message.done);
      if (message.end === true) resolve();
    });
    child.send(port);
  });
}

const linesWritten = 500_000;
const pointsWritten = 200_000;

/** Writes through the tees that take no requests: what a service hands in at once. */
async function writeThroughTees(url: string, sink: BackupSink, watch: LoopWatch): Promise<void> {
  const influx = new InfluxWriter({ url });
  const tee = createTee(influx, sink, { instance });
  await watchAll(linesWays(url, sink, tee), watch);
  await watchAll(pointsWays(url, sink, tee), watch);
  await influx.close();
}

const bareClient = 'lines through the client of InfluxDB 2 alone';
const aroundClient = 'lines through teeTransport';

/** The client of InfluxDB 2 encodes a text at once, whatever is around it: its stall, measured by turns with ours, is not the tee's. */
function ownStall(stalls: ReadonlyMap<string, number>): (kind: string) => number {
  return (kind) => {
    const stall = stalls.get(kind) ?? 0;
    if (kind === bareClient) return 0;
    return kind === aroundClient ? stall - (stalls.get(bareClient) ?? 0) : stall;
  };
}

type Ways = Readonly<Record<string, () => Promise<unknown>>>;

const instance = 'influxdb-0';
const to = { database: 'db_0' };

function linesWays(url: string, sink: BackupSink, tee: Tee): Ways {
  const bare = new V2Client({ url, token: 'a:b' }).transport;
  const teed = teeTransport(new V2Client({ url, token: 'a:b' }).transport, sink, { instance });
  const lines = 'm,host=a,region=b v=1,w="abc",x=3i 1700000000\n'.repeat(linesWritten);
  const raw = { lines: Buffer.from(lines), precision: 's' } as const;
  const oneLine = { lines: Buffer.from(`m v="${'a b,'.repeat(5_000_000)}" 1700000000`), precision: 's' } as const;
  const path = '/api/v2/write?bucket=db_0&precision=s';
  const sendThrough = (transport: typeof bare) =>
    new Promise<void>((complete, error) => transport.send(path, lines, { method: 'POST' }, { complete, error }));
  return {
    'lines through the sink': () => sink.write({ instance, ...to }, raw),
    'lines through createTee': () => tee.write(to, raw),
    [bareClient]: () => sendThrough(bare),
    [aroundClient]: () => sendThrough(teed),
    'one line through createTee': () => tee.write(to, oneLine),
  };
}

/** Made only when the lines are done: the points are a heap that takes the garbage collector long. */
function pointsWays(url: string, sink: BackupSink, tee: Tee): Ways {
  const teed = teeInflux(new InfluxDB(`${url}/db_0`), sink, { instance });
  const points = [...telemetryPoints({ points: pointsWritten, devices: 1_000 })];
  const nodePoints = points.map(({ tags, timestamp }, n) => ({
    measurement: 'cpu',
    tags: { ...tags },
    fields: { load: n / 7, state: 'on', active: n % 2 === 0 },
    timestamp: String(timestamp),
  }));
  return {
    'points through the sink': () => sink.write({ instance, ...to }, points),
    'points through createTee': () => tee.write(to, points),
    'points through teeInflux': () => teed.writePoints(nodePoints, { precision: 'n' }),
  };
}

async function watchAll(ways: Ways, watch: LoopWatch): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const [kind, write] of Object.entries(ways)) {
      await turn(); // What came before has ended.
      watch.begin();
      await write();
      watch.end(kind);
    }
  }
}

/** Each kind is handled as often, and the median counts: another program may have had the processor. */
const rounds = 3;

const partitionsWritten = 3_000;

/** Closes a sink with an open file in each of thousands of partitions. */
async function closeManyPartitions(folder: string, watch: LoopWatch): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const storage = new LocalStorage(join(folder, `closed-${round}`));
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, `closing-${round}`), precision: 'ns' });
    const raw = { lines: 'm v=1 1700000000', precision: 's' } as const;
    for (let n = 0; n < partitionsWritten; n += 1) await sink.write({ instance, database: `db_${n}` }, raw, buffered);
    watch.begin();
    await sink.close();
    watch.end(`closing a sink of ${partitionsWritten} partitions`);
  }
}

const buffered = { ack: 'buffered' } as const;

/** Watches for the longest time between two turns of the event loop. */
class LoopWatch {
  /** The longest time of each round, by the kind. */
  readonly #stalls = new Map<string, number[]>();
  #longestMs = 0;
  #lastMs = performance.now();
  #timer = setImmediate(() => this.#turn());

  /** A kind of write begins: what was before does not count. */
  begin(): void {
    this.#longestMs = 0;
    this.#lastMs = performance.now();
  }

  end(kind: string): void {
    this.#note();
    this.#stalls.set(kind, [...(this.#stalls.get(kind) ?? []), this.#longestMs]);
  }

  /** Returns the median of each kind. */
  stop(): Map<string, number> {
    clearImmediate(this.#timer);
    for (const [kind, stalls] of this.#stalls) {
      process.stderr.write(`  ${kind}: ${stalls.map((ms) => ms.toFixed(1)).join(', ')} ms\n`);
    }
    return new Map([...this.#stalls].map(([kind, stalls]) => [kind, median(stalls)]));
  }

  #note(): void {
    const nowMs = performance.now();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }

  #turn(): void {
    this.#note();
    this.#timer = setImmediate(() => this.#turn());
  }
}
