import { InfluxWriter } from '@ceres/influx-http';
import { InfluxDB as V2Client } from '@influxdata/influxdb-client';
import { InfluxDB } from 'influx';
import { describe, expect, it } from 'vitest';
import { createTee, teeInflux, teeTransport } from '../../src/index';
import { afterTest, openTestSink, type TestSink } from './backup';
import { startFakeInflux } from './fake-influx';

const instance = 'influxdb-0';
const many = 20_000;

/** Writes lines of one series; `n` counts their times up. */
type Write = (from: number, count: number) => Promise<unknown>;

const lineOf = (n: number) => `m v=${n} ${n}`;
const linesOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => `${lineOf(from + n)}\n`).join('');
const pointsOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    measurement: 'm',
    fields: { v: from + n },
    timestamp: String(from + n),
  }));

const ways: Readonly<Record<string, (url: string, test: TestSink) => Write>> = {
  'raw lines through createTee': (url, { sink }) => {
    const tee = createTee(writerTo(url), sink, { instance });
    return (from, count) => tee.write({ database: 'db_0' }, { lines: linesOf(from, count), precision: 'ns' });
  },
  'points through createTee': (url, { sink }) => {
    const tee = createTee(writerTo(url), sink, { instance });
    return (from, count) => tee.write({ database: 'db_0' }, pointsOf(from, count));
  },
  'points through teeInflux': (url, { sink }) => {
    const tee = teeInflux(new InfluxDB(`${url}/db_0`), sink, { instance });
    return (from, count) => tee.writePoints(pointsOf(from, count), { precision: 'n' });
  },
  'raw lines through teeTransport': (url, { sink }) => {
    const transport = teeTransport(new V2Client({ url, token: 'a:b' }).transport, sink, { instance });
    return (from, count) =>
      new Promise<void>((complete, error) => {
        const path = '/api/v2/write?bucket=db_0&precision=ns';
        transport.send(path, linesOf(from, count), { method: 'POST' }, { error, complete });
      });
  },
};

function writerTo(url: string): InfluxWriter {
  const writer = new InfluxWriter({ url });
  afterTest(() => writer.close());
  return writer;
}

describe.each(Object.entries(ways))('a long write of %s', (_, way) => {
  async function setUp() {
    const influx = await startFakeInflux();
    afterTest(() => influx.stop());
    const test = await openTestSink();
    return { influx, test, write: way(influx.url, test) };
  }

  it('lets the event loop run, and is sent whole before what overwrites a point of it', async () => {
    const { influx, test, write } = await setUp();
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    });
    const long = write(0, many);
    const turnsAtOnce = turns;
    await Promise.all([long, write(many - 1, 1)]);
    clearInterval(counting);
    expect([turnsAtOnce, turns > 1]).toEqual([0, true]);
    const expected = Array.from({ length: many + 1 }, (_, n) => lineOf(Math.min(n, many - 1)));
    expect(influx.seen.map(({ body }) => body.trimEnd().split('\n').length)).toEqual([many, 1]);
    expect(influx.seen.flatMap(({ body }) => body.trimEnd().split('\n'))).toEqual(expected);
    expect((await test.lines()).map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(expected);
  });
});

describe('a long write of points', () => {
  it('is the one that was handed in, though the caller empties its array at once', async () => {
    const influx = await startFakeInflux();
    afterTest(() => influx.stop());
    const { sink, lines } = await openTestSink();
    const tee = teeInflux(new InfluxDB(`${influx.url}/db_0`), sink, { instance });
    const points = pointsOf(0, many);
    const written = tee.writePoints(points, { precision: 'n' });
    points.length = 0;
    await written;
    expect(await lines()).toHaveLength(many);
  });

  it('is refused whole for one bad point, which is named, and what comes after it is written', async () => {
    const influx = await startFakeInflux();
    afterTest(() => influx.stop());
    const { sink, lines } = await openTestSink();
    const tee = createTee(writerTo(influx.url), sink, { instance });
    const bad = { measurement: 'm', fields: { v: Number.NaN }, timestamp: '7' };
    const long = tee.write({ database: 'db_0' }, [...pointsOf(0, many), bad]);
    const behind = tee.write({ database: 'db_0' }, pointsOf(many, 1));
    await expect(long).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining(`point ${many}`),
    });
    await behind;
    expect(await lines()).toEqual([`db_0/~default ${lineOf(many)}`]);
    expect(influx.seen.map(({ body }) => body)).toEqual([`${lineOf(many)}\n`]);
  });
});
