import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, report } from '@ceres/testkit';
import { drain, read, type Usage } from './native/contestants';
import { type FilledServer, fill } from './native/filled-server';

/** The lines of each data set; the published figures use two million. */
const lines = Number(process.env.CERES_BENCH_LINES ?? 2_000_000);
const rounds = Number(process.env.CERES_BENCH_ROUNDS ?? 3);
const cardinalities = { A: 2_000, B: 50_000 };
const bench = 'native';

/** Reads everything that a server holds, through its snapshot service and by queries, in turns: lines for each second of CPU, server included. */
export async function run(): Promise<void> {
  const rss: number[] = [];
  for (const [shape, series] of Object.entries(cardinalities)) {
    const server = await fill(lines, series);
    const scratch = await mkdtemp(join(tmpdir(), 'ceres-bench-native-'));
    try {
      rss.push(...(await compareReading(shape, server, scratch)));
    } finally {
      await server.influxd.stop();
      await rm(scratch, { recursive: true });
    }
  }
  report({ bench, case: 'read-rss-mb', unit: 'MB', ours: Math.max(...rss) });
}

async function compareReading(shape: string, server: FilledServer, scratch: string): Promise<number[]> {
  const ways = {
    query: () => drain(server),
    read: () => read(server, scratch, 'digest'),
    ...(shape === 'A' && { lines: () => read(server, scratch, 'lines') }),
  };
  const usages: Record<string, Usage[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      await server.settle();
      usages[name] = [...(usages[name] ?? []), await way()];
    }
  }
  const rate = (name: string) => median((usages[name] ?? []).map(({ cpuSeconds }) => lines / cpuSeconds));
  for (const name of Object.keys(ways).filter((one) => one !== 'query')) {
    const figure = {
      bench,
      case: `${shape}-${name}-vs-query`,
      unit: 'lines per CPU second',
      peer: 'chunked JSON, drained',
    };
    const [ours, theirs] = [rate(name), rate('query')];
    const ratio = Math.round((ours / theirs) * 1e3) / 1e3;
    process.stdout.write(
      `${JSON.stringify({ ...figure, ours: Math.round(ours), theirs: Math.round(theirs), ratio })}\n`,
    );
  }
  return (usages.read ?? []).map(({ rssMb }) => rssMb);
}
