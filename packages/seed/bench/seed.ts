import { setTimeout as delay } from 'node:timers/promises';
import { median, report } from '@ceres/testkit';
import { type FilledServer, fill } from '../../tsm/bench/native/filled-server';
import { queryAll, type SeedUsage, seedAll, type Usage } from './seed/contestants';
import { p99During } from './seed/live-writes';

/** The lines of each data set; the published figures use two million. */
const lines = Number(process.env.CERES_BENCH_LINES ?? 2_000_000);
const rounds = Number(process.env.CERES_BENCH_ROUNDS ?? 3);
const cardinalities = { A: 2_000, B: 50_000 };
const bench = 'seed';
const peer = 'chunked JSON, drained';
/** The levels of compression that the default is chosen from. */
const levels = ['1', '2', '3', '4', '5', '6'];

/** Copies everything that a server holds, by a seed through its snapshot service and by queries, in turns; then seeds beside live writes. */
export async function run(): Promise<void> {
  const all: Copies = { first: [], seeds: [], queries: [] };
  for (const [shape, series] of Object.entries(cardinalities)) {
    const server = await fill(lines, series);
    try {
      const { first, seeds, queries } = await copyInTurns(server);
      all.first.push(...first);
      all.seeds.push(...seeds);
      all.queries.push(...queries);
      reportShape(shape, seeds, queries);
      if (shape === 'A') await reportLevels(server);
      else await reportWrites(server);
    } finally {
      await server.influxd.stop();
    }
  }
  const cpu = (usages: readonly Usage[]) => usages.reduce((sum, { serverCpuSeconds }) => sum + serverCpuSeconds, 0);
  compared('seed-server-cpu-share', 'CPU seconds of influxd', cpu(all.seeds), cpu(all.queries));
  const ofOneRound = cpu(all.queries) / rounds;
  compared('just-written-server-cpu-share', 'CPU seconds of influxd', cpu(all.first), ofOneRound);
  report({ bench, case: 'seed-rss-mb', unit: 'MB', ours: Math.max(...all.seeds.map(({ rssMb }) => rssMb)) });
}

interface Copies {
  /** The seeds of a server that has just been written to. */
  readonly first: SeedUsage[];
  readonly seeds: SeedUsage[];
  readonly queries: Usage[];
}

async function copyInTurns(server: FilledServer): Promise<Copies> {
  const seeds: SeedUsage[] = [];
  const queries: Usage[] = [];
  await server.settle();
  // All of this database was written in the last minutes, and the first seed makes the server write its cache to the disk, as it does by itself after ten minutes.
  const first = [await seedAll(server)];
  for (let round = 0; round < rounds; round += 1) {
    await server.settle();
    seeds.push(await seedAll(server));
    await server.settle();
    queries.push(await queryAll(server));
  }
  return { first, seeds, queries };
}

function reportShape(shape: string, seeds: readonly SeedUsage[], queries: readonly Usage[]): void {
  const rate = (usages: readonly Usage[]) => median(usages.map(({ seconds }) => lines / seconds));
  compared(`${shape}-seed-vs-query`, 'lines/s', rate(seeds), rate(queries));
  report({ bench, case: `${shape}-seed-klines-per-second`, unit: 'klines/s', ours: rate(seeds) / 1e3 });
  const readBack = median(seeds.map(({ readBackSeconds }) => lines / readBackSeconds / 1e3));
  report({ bench, case: `${shape}-read-back-klines-per-second`, unit: 'klines/s', ours: readBack });
}

/** Reports what the level of compression is chosen by. */
async function reportLevels(server: FilledServer): Promise<void> {
  for (const level of levels) {
    await server.settle();
    const { seconds, bytes } = await seedAll(server, level);
    report({ bench, case: `level-${level}-klines-per-second`, unit: 'klines/s', ours: lines / seconds / 1e3 });
    report({ bench, case: `level-${level}-mb`, unit: 'MB', ours: bytes / 1e6 });
  }
}

async function reportWrites(server: FilledServer): Promise<void> {
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await server.settle();
    alone.push(await p99During(server, () => delay(10_000)));
    await server.settle();
    beside.push(await p99During(server, () => seedAll(server)));
  }
  compared('seed-write-p99-ratio', 'ms', median(beside), median(alone), 'writes without a seed');
}

/** Prints a figure of two sides that ran in turns. */
function compared(name: string, unit: string, ours: number, theirs: number, of = peer): void {
  const rounded = (value: number) => Math.round(value * 1e3) / 1e3;
  const figure = { bench, case: name, unit, ours: rounded(ours), peer: of, theirs: rounded(theirs) };
  process.stdout.write(`${JSON.stringify({ ...figure, ratio: rounded(ours / theirs) })}\n`);
}
