import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { InfluxWriter } from '@ceres/influx-http';
import { randomFrom } from '@ceres/testkit';
import { InfluxDB as V2Client } from '@influxdata/influxdb-client';
import { InfluxDB } from 'influx';
import { describe, expect, it } from 'vitest';
import { type BackupSink, createTee, createWriteHandler, teeInflux, teeTransport } from '../../src/index';
import { afterTest, openTestSink } from './backup';
import { startFakeInflux } from './fake-influx';
import { send } from './write-handler/tools/client';
import { serve } from './write-handler/tools/serve';

const instance = 'influxdb-0';

/**
 * Starts a server that applies writes as InfluxDB does: each takes a while, and the last to be applied wins.
 *
 * @param togetherMin how many must be open at once before any is answered
 */
async function startSlowInflux(delayMs: (body: string) => number, togetherMin = 1) {
  const values = new Map<string, string>();
  let open = 0;
  let seeTogether: () => void = () => undefined;
  const together = new Promise<void>((resolve) => {
    seeTogether = resolve;
  });
  const fake = await startFakeInflux(async ({ body }, response) => {
    open += 1;
    if (open >= togetherMin) seeTogether();
    await together;
    await delay(delayMs(body));
    for (const line of body.trimEnd().split('\n')) {
      const [series = '', value = '', time = ''] = line.split(' ');
      values.set(`${sorted(series)} ${time}`, value);
    }
    open -= 1;
    response.writeHead(204).end();
  });
  afterTest(() => fake.stop());
  return { ...fake, values };
}

/** Returns one spelling for a series, however its tags are ordered. */
function sorted(series: string): string {
  const [measurement, ...tags] = series.split(',');
  return [measurement, ...tags.sort()].join(',');
}

/** Returns what a replay of the backup in order gives. */
function replayed(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.map((line) => {
      const [, series = '', value = '', time = ''] = line.split(' ');
      return [`${sorted(series)} ${time}`, value];
    }),
  );
}

/** Mixed files come behind the others: they begin when the second spelling is seen. */
function fileOrder(line: string): number {
  return line.startsWith('db_0/~mixed ') ? 1 : 0;
}

const random = randomFrom(20_260_101);
const someMs = () => Math.floor(random() * 8);

describe('two writes of one point through the write handler end alike in backup and database', () => {
  async function setUp(delayMs: (body: string) => number = someMs, togetherMin = 1) {
    const influx = await startSlowInflux(delayMs, togetherMin);
    const { sink, lines } = await openTestSink();
    const url = await serve(createWriteHandler(influx.url, sink, { instance }));
    return { influx, lines, url, post: (line: string) => send(url, 'POST', '/write?db=db_0', line) };
  }

  it('if they overlap: 300 of 300', async () => {
    const { influx, lines, post } = await setUp();
    const rounds = Array.from({ length: 300 }, (_, n) => n);
    for (let from = 0; from < 300; from += 75) {
      const some = rounds.slice(from, from + 75);
      await Promise.all(some.flatMap((n) => [post(`m,a=${n},b=x v=1 5`), post(`m,b=x,a=${n} v=2 5`)]));
    }
    expect(influx.values.size).toBe(300);
    expect(new Map(influx.values)).toEqual(replayed(await lines()));
  });

  it('if they are pipelined on one connection, where the last one wins: 60 of 60', async () => {
    const { influx, lines, url } = await setUp((body) => (body.includes('v=1 ') ? 15 : 0));
    const request = (line: string, isGzip: boolean) => {
      const body = isGzip ? gzipSync(line) : Buffer.from(line);
      const encoding = isGzip ? 'Content-Encoding: gzip\r\n' : '';
      const head = `POST /write?db=db_0 HTTP/1.1\r\nHost: x\r\n${encoding}Content-Length: ${body.length}\r\n\r\n`;
      return Buffer.concat([Buffer.from(head), body]);
    };
    // The first of every second pair is inflated while the other one is ready at once.
    const pairs = Array.from({ length: 60 }, (_, n) => [
      request(`m,n=${n} v=1 5`, n % 2 === 0),
      request(`m,n=${n} v=2 5`, false),
    ]);
    await Promise.all(pairs.map((pair) => pipeline(url, Buffer.concat(pair), pair.length)));
    const last = new Map(pairs.map((_, n) => [`m,n=${n} 5`, 'v=2']));
    expect(new Map(influx.values)).toEqual(last);
    expect(replayed(await lines())).toEqual(last);
  });

  it('and a query that is pipelined behind a write is asked when the write is done', async () => {
    const order: string[] = [];
    const fake = await startFakeInflux(async ({ path }, response) => {
      if (path === '/write') await delay(20);
      order.push(path);
      response.writeHead(204).end();
    });
    afterTest(() => fake.stop());
    const { sink } = await openTestSink();
    const url = await serve(createWriteHandler(fake.url, sink, { instance }));
    const write = 'POST /write?db=db_0 HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\nm v=1 5';
    await pipeline(url, Buffer.from(`${write}GET /query?q=x HTTP/1.1\r\nHost: x\r\n\r\n`), 2);
    expect(order).toEqual(['/write', '/query']);
  });

  it.each([
    ['other series', (n: number) => `m,n=${n} v=1 5`],
    ['other times', (n: number) => `m v=1 ${n}`],
  ])('and writes of %s do not wait for each other', async (_, line) => {
    const { post } = await setUp(() => 0, 10);
    const answers = await Promise.all(Array.from({ length: 10 }, (__, n) => post(line(n))));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(204));
  });

  it('if only some of them name the policy, and an empty rp is none', async () => {
    const { influx, lines, url } = await setUp();
    const rps = ['', '&rp=', '&rp=autogen'];
    const posts = Array.from({ length: 120 }, (_, n) => {
      const path = `/write?db=db_0${rps[n % 3]}`;
      return send(url, 'POST', path, `m,n=${Math.floor(n / 6)} v=${n} 5`);
    });
    await Promise.all(posts);
    expect(influx.values.size).toBe(20);
    const stored = (await lines()).toSorted((a, b) => fileOrder(a) - fileOrder(b));
    expect(new Map(influx.values)).toEqual(replayed(stored));
  });

  it('and writes to policies of two names do not wait for each other', async () => {
    const { url } = await setUp(() => 0, 10);
    const names = Array.from({ length: 10 }, (_, n) => `rp_${n}`);
    const answers = await Promise.all(names.map((rp) => send(url, 'POST', `/write?db=db_0&rp=${rp}`, 'm v=1 5')));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(204));
  });

  it('and a write whose backup fails, or that InfluxDB never answers, does not hold up the next one', async () => {
    const fake = await startFakeInflux(({ body }, response) => {
      if (!body.includes('v=1 ')) response.writeHead(204).end();
    });
    afterTest(() => fake.stop());
    const { sink } = await openTestSink();
    const url = await serve(createWriteHandler(fake.url, sink, { instance, influxTimeoutMs: 1_500 }));
    const first = send(url, 'POST', '/write?db=db_0', 'm v=1 5');
    while (fake.writes().length === 0) await delay(1);
    await delay(1_400); // The second has nearly all of its own time.
    const second = send(url, 'POST', '/write?db=db_0', 'm v=2 5');
    expect((await first).status).toBe(504);
    expect((await second).status).toBe(204);
  });
});

/** Sends pipelined requests at once; resolves when all are answered. */
function pipeline(url: string, bytes: Buffer, answers: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.split('HTTP/1.1 204').length <= answers) return;
      socket.destroy();
      resolve();
    });
  });
}

/** Each writes a value of one point, without waiting for the writes before it. */
const tees: Record<string, (url: URL, sink: BackupSink) => (n: number, value: number) => Promise<unknown>> = {
  createTee(url, sink) {
    const writer = new InfluxWriter({ url });
    afterTest(() => writer.close());
    const tee = createTee(writer, sink, { instance });
    return (n, v) => tee.write({ database: 'db_0' }, { lines: `m,n=${n} v=${v} 5`, precision: 'ns' });
  },
  teeInflux(url, sink) {
    const client = new InfluxDB({ host: url.hostname, port: Number(url.port), database: 'db_0' });
    const tee = teeInflux(client, sink, { instance });
    return (n, v) =>
      tee.writePoints([{ measurement: 'm', tags: { n: String(n) }, fields: { v }, timestamp: '5' }], {
        precision: 'n' as never,
      });
  },
  teeTransport(url, sink) {
    const tee = teeTransport(new V2Client({ url: url.href, token: 'a:b' }).transport, sink, { instance });
    return (n, v) => tee.request('/api/v2/write?bucket=db_0', `m,n=${n} v=${v} 5`, { method: 'POST' });
  },
};

it.each(Object.entries(tees))('overlapping writes of one point through %s end alike, 60 of 60', async (_, open) => {
  const influx = await startSlowInflux((body) => (/v=[12] /.test(body) ? someMs() : 0));
  const { sink, lines } = await openTestSink();
  const write = open(new URL(influx.url), sink);
  await Promise.all(Array.from({ length: 60 }, (__, n) => [1, 2, 3].map((v) => write(n, v))).flat());
  const last = new Map(Array.from({ length: 60 }, (__, n) => [`m,n=${n} 5`, 'v=3']));
  expect(replayed(await lines())).toEqual(last);
  expect(new Map(influx.values)).toEqual(last);
});
