import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, median, report } from '@ceres/testkit';
import { contestants, race, raceVerify, type Usage } from './restore/contestants';
import { makeData } from './restore/data';
import { planHeapMb } from './restore/plan-heap';

/** The lines of each data set; the published figures use two million. */
const lines = Number(process.env.CERES_BENCH_LINES ?? 2_000_000);
const rounds = Number(process.env.CERES_BENCH_ROUNDS ?? 3);
const cardinalities = { A: 2_000, B: 50_000 };
const peers = {
  import: 'influx -import, one file after another',
  'import-x4': 'influx -import, four concurrently',
  poster: 'bare poster of ready-made bodies, four in flight',
} as const;
const bench = 'restore';
const planObjects = 1_000_000;

/** Restores the same backup in every way by turns, each time into a fresh server. */
export async function run(): Promise<void> {
  report({ bench, case: 'plan-heap-mb', unit: 'MB', ours: await planHeapMb(planObjects) });
  for (const [prefix, series] of Object.entries(cardinalities)) {
    const folder = await mkdtemp(join(tmpdir(), 'ceres-bench-restore-'));
    try {
      await compareAll(prefix, folder, series);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

async function compareAll(prefix: string, folder: string, series: number): Promise<void> {
  const data = await makeData(folder, lines, series);
  const rates: Record<keyof typeof contestants, number[]> = { ours: [], import: [], 'import-x4': [], poster: [] };
  const usages: Usage[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, contestant] of Object.entries(contestants)) {
      const { rate, usage } = await race(contestant, data);
      rates[name as keyof typeof contestants].push(rate);
      if (usage !== undefined) usages.push(usage);
    }
  }
  const ours = median(rates.ours);
  for (const [name, peer] of Object.entries(peers)) {
    const theirs = median(rates[name as keyof typeof peers]);
    print({ case: `${prefix}-vs-${name}`, unit: 'lines/s', ours, peer, theirs, ratio: ours / theirs });
  }
  report({ bench, case: `${prefix}-client-cores`, unit: 'cores', ours: median(usages.map(({ cores }) => cores)) });
  const verified = await raceVerify(data);
  report({ bench, case: `${prefix}-verify-content`, unit: 'lines/s', ours: verified.rate });
  report({ bench, case: `${prefix}-verify-rss-mb`, unit: 'MB', ours: verified.rssMb });
  report({ bench, case: `${prefix}-rss-mb`, unit: 'MB', ours: Math.max(...usages.map(({ rssMb }) => rssMb)) });
}

function print(figure: Omit<Figure, 'bench'>): void {
  const { ours, theirs, ratio, ...names } = figure;
  const rounded = {
    ours: Math.round(ours),
    theirs: Math.round(theirs ?? 0),
    ratio: Math.round((ratio ?? 0) * 1e3) / 1e3,
  };
  process.stdout.write(`${JSON.stringify({ bench, ...names, ...rounded })}\n`);
}
