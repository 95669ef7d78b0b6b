import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Influxd, median, query, report, startInfluxd } from '@ceres/testkit';
import { ours, type VerifyUsage, verifyContent } from './restore/contestants';
import { makeData } from './restore/data';
import { settledCpuSeconds } from './restore/server-cpu';

/** The lines of each data set; the published figures use two million. */
const lines = Number(process.env.CERES_BENCH_LINES ?? 2_000_000);
const rounds = Number(process.env.CERES_BENCH_ROUNDS ?? 3);
const cardinalities = { A: 2_000, B: 50_000 };
const overwritten = 0.05;
const bench = 'verify';

/** What a comparison took of both sides. */
interface Measured extends VerifyUsage {
  readonly serverSeconds: number;
}

/** Restores a backup, then compares every value over HTTP and through the snapshot service, by turns. */
export async function run(): Promise<void> {
  for (const [shape, series] of Object.entries(cardinalities)) {
    const folder = await mkdtemp(join(tmpdir(), 'ceres-bench-verify-'));
    const influxd = await startInfluxd();
    try {
      await compare(shape, folder, series, influxd);
    } finally {
      await influxd.stop();
      await rm(folder, { recursive: true });
    }
  }
}

async function compare(shape: string, folder: string, series: number, influxd: Influxd): Promise<void> {
  const data = await makeData(folder, lines, series, overwritten);
  for (const database of data.databases) await query(influxd.url, '', `CREATE DATABASE ${database}`);
  const startedMs = performance.now();
  await ours(data, influxd);
  const restoreSeconds = (performance.now() - startedMs) / 1_000;
  const ways = { http: undefined, snapshot: `tcp://127.0.0.1:${influxd.rpcPort}` };
  const measured: Record<keyof typeof ways, Measured[]> = { http: [], snapshot: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ['http', 'snapshot'] as const) {
      const before = await settledCpuSeconds(influxd);
      const usage = await verifyContent(data, influxd, ways[way]);
      measured[way].push({ ...usage, serverSeconds: (await settledCpuSeconds(influxd)) - before });
    }
  }
  const of = (way: keyof typeof ways, value: (one: Measured) => number) => median(measured[way].map(value));
  const both = ({ cpuSeconds, serverSeconds }: Measured) => lines / (cpuSeconds + serverSeconds);
  print({
    case: `${shape}-content-snapshot-vs-http`,
    unit: 'lines per CPU second',
    ours: of('snapshot', both),
    peer: 'the same comparison over HTTP',
    theirs: of('http', both),
  });
  report({ bench, case: `${shape}-content-http-seconds`, unit: 's', ours: of('http', ({ seconds }) => seconds) });
  if (shape !== 'A') {
    const rssMb = Math.max(...[...measured.http, ...measured.snapshot].map((one) => one.rssMb));
    report({ bench, case: 'verify-rss-mb', unit: 'MB', ours: rssMb });
    return;
  }
  print({
    case: `${shape}-content-vs-restore`,
    unit: 's',
    ours: of('snapshot', ({ seconds }) => seconds),
    peer: 'our restore by the write path',
    theirs: restoreSeconds,
  });
  print({
    case: 'verify-server-cpu-share',
    unit: 's',
    ours: of('snapshot', ({ serverSeconds }) => serverSeconds),
    peer: 'CPU of influxd for the same comparison over HTTP',
    theirs: of('http', ({ serverSeconds }) => serverSeconds),
  });
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
