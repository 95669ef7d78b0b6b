import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Influxd, median, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { ours, verifyContent, watchPeriod } from './restore/contestants';
import { type BenchData, makeData } from './restore/data';
import { settledCpuSeconds } from './restore/server-cpu';

const lines = Number(process.env.CERES_BENCH_LINES ?? 1_000_000);
const rounds = Number(process.env.CERES_BENCH_ROUNDS ?? 3);
const series = 2_000;
const bench = 'watch';
/** A steady load: these lines, at this interval. */
const linesAtOnce = 200;
const everyMs = 20;
const aloneMs = 10_000;

/** Measures what a watch takes of the server's CPU in one period, and how it slows live writes down. */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-bench-watch-'));
  const influxd = await startInfluxd();
  try {
    const data = await makeData(folder, lines, series, 0.05);
    for (const database of [...data.databases, 'live']) await query(influxd.url, '', `CREATE DATABASE ${database}`);
    await ours(data, influxd);
    // What was just restored is still in memory: the first snapshot lets InfluxDB write and compact it, once.
    await watchPeriod(data, influxd);
    await cpuShare(data, influxd);
    await writeLatency(data, influxd);
  } finally {
    await influxd.stop();
    await rm(folder, { recursive: true });
  }
}

async function cpuShare(data: BenchData, influxd: Influxd): Promise<void> {
  const ways = { watch: [] as number[], http: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ['watch', 'http'] as const) {
      const before = await settledCpuSeconds(influxd);
      if (way === 'http') await verifyContent(data, influxd);
      else await watchPeriod(data, influxd);
      ways[way].push((await settledCpuSeconds(influxd)) - before);
    }
  }
  const peer = 'CPU of influxd for one comparison of everything over HTTP';
  print({ case: 'watch-server-cpu-share', unit: 's', ours: median(ways.watch), peer, theirs: median(ways.http) });
}

async function writeLatency(data: BenchData, influxd: Influxd): Promise<void> {
  const [alone, beside]: [number[], number[]] = [[], []];
  await p99During(influxd, () => pause(2_000)); // the first writes make a shard
  for (let round = 0; round < rounds; round += 1) {
    alone.push(await p99During(influxd, () => pause(aloneMs)));
    beside.push(await p99During(influxd, () => watchPeriod(data, influxd)));
  }
  const peer = 'writes without a watch';
  print({ case: 'watch-write-p99-ratio', unit: 'ms', ours: median(beside), peer, theirs: median(alone) });
}

/** Writes at a steady pace for as long as the work takes, and returns the 99th percentile of the writes' times in ms. */
async function p99During({ url }: Influxd, work: () => Promise<unknown>): Promise<number> {
  let isDone = false;
  const working = work().finally(() => {
    isDone = true;
  });
  const times: number[] = [];
  for (let i = 0; !isDone; i += 1) {
    const started = performance.now();
    const body = Array.from({ length: linesAtOnce }, (_, n) => `live,host=h${n} v=${i} ${Date.now()}`).join('\n');
    const answer = await writeRaw(url, 'live', body, { precision: 'ms' });
    if (answer.status !== 204) throw new Error(`InfluxDB answered ${answer.status}: ${answer.body}`);
    times.push(performance.now() - started);
    await pause(everyMs);
  }
  await working;
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

interface Compared {
  readonly case: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: string;
  readonly theirs: number;
}

function print({ ours: mine, theirs, ...names }: Compared): void {
  const rounded = (value: number) => Math.round(value * 1e3) / 1e3;
  const figure = { bench, ...names, ours: rounded(mine), theirs: rounded(theirs), ratio: rounded(mine / theirs) };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}
