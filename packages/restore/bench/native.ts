import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, report } from '@ceres/testkit';
import { importOneByOne, native, ours, race } from './restore/contestants';
import { makeData } from './restore/data';

/** The lines of each data set; the published figures use two million. */
const lines = Number(process.env.CERES_BENCH_LINES ?? 2_000_000);
const rounds = Number(process.env.CERES_BENCH_ROUNDS ?? 3);
const cardinalities = { A: 2_000, B: 50_000 };
const bench = 'native';
const contestants = { native, write: ours, import: importOneByOne };
const peers = { write: 'the same restore, sending lines', import: 'influx -import, one file after another' };

/** Restores a backup by loading shards, by sending lines and with the official tool, by turns: from .gz until all counts are there. */
export async function run(): Promise<void> {
  const rss: number[] = [];
  for (const [shape, series] of Object.entries(cardinalities)) {
    const folder = await mkdtemp(join(tmpdir(), 'ceres-bench-native-'));
    try {
      rss.push(await compareAll(shape, folder, series));
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  report({ bench, case: 'native-rss-mb', unit: 'MB', ours: Math.max(...rss) });
}

/** Returns the most memory that a native restore took. */
async function compareAll(shape: string, folder: string, series: number): Promise<number> {
  const data = await makeData(folder, lines, series);
  const rates: Record<keyof typeof contestants, number[]> = { native: [], write: [], import: [] };
  let rssMb = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, contestant] of Object.entries(contestants)) {
      const { rate, usage } = await race(contestant, data);
      rates[name as keyof typeof contestants].push(rate);
      if (name === 'native') rssMb = Math.max(rssMb, usage?.rssMb ?? 0);
    }
  }
  const mine = median(rates.native);
  for (const [name, peer] of Object.entries(peers)) {
    const theirs = median(rates[name as keyof typeof peers]);
    const figure = { bench, case: `${shape}-native-vs-${name}`, unit: 'lines/s', ours: Math.round(mine), peer };
    const ratio = Math.round((mine / theirs) * 1e3) / 1e3;
    process.stdout.write(`${JSON.stringify({ ...figure, theirs: Math.round(theirs), ratio })}\n`);
  }
  return rssMb;
}
