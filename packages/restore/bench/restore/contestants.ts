import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findInfluxBinaries, type Influxd, query, startInfluxd } from '@ceres/testkit';
import type { BenchData } from './data';

/** What a restoring process needed. */
export interface Usage {
  readonly cores: number;
  readonly rssMb: number;
}

/** A way to restore, from .gz (or ready-made bodies) to stored, on a running server. */
export type Contestant = (data: BenchData, influxd: Influxd) => Promise<Usage | undefined>;

export const contestants = { ours, import: importOneByOne, 'import-x4': importFourAtOnce, poster } as const;

/** Runs a contestant on a server of its own; returns lines per second, and the usage if the contestant reports it. */
export async function race(
  contestant: Contestant,
  data: BenchData,
): Promise<{ rate: number; usage: Usage | undefined }> {
  const influxd = await startInfluxd();
  try {
    for (const database of data.databases) await query(influxd.url, '', `CREATE DATABASE ${database}`);
    const started = process.hrtime.bigint();
    const usage = await contestant(data, influxd);
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    await mustHoldAll(data, influxd);
    return { rate: data.lines / seconds, usage };
  } finally {
    await influxd.stop();
  }
}

/** Sends lines, as a restore does by default. */
export async function ours(data: BenchData, influxd: Influxd): Promise<Usage> {
  return await restoreChild(data, influxd, []);
}

/** Loads shards through the snapshot service. */
export async function native(data: BenchData, influxd: Influxd): Promise<Usage> {
  return await restoreChild(data, influxd, [`tcp://127.0.0.1:${influxd.rpcPort}`]);
}

async function restoreChild({ backup }: BenchData, { url }: Influxd, more: readonly string[]): Promise<Usage> {
  const work = await mkdtemp(join(backup, '..', 'work-'));
  const child = fileURLToPath(new URL('./restore-child.mjs', import.meta.url));
  try {
    return JSON.parse(await run(process.execPath, [child, backup, url, work, ...more])) as Usage;
  } finally {
    await rm(work, { recursive: true });
  }
}

/** Restores, then compares every value. */
export async function raceVerify(data: BenchData): Promise<{ readonly rate: number; readonly rssMb: number }> {
  const influxd = await startInfluxd();
  try {
    await ours(data, influxd);
    return await verifyContent(data, influxd);
  } finally {
    await influxd.stop();
  }
}

/** What a comparison took. */
export interface VerifyUsage {
  readonly rate: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

/** Compares every value: over HTTP, or through the snapshot service. */
export async function verifyContent(data: BenchData, { url }: Influxd, snapshot?: string): Promise<VerifyUsage> {
  const child = fileURLToPath(new URL('./verify-child.mjs', import.meta.url));
  const more = snapshot === undefined ? [] : [snapshot];
  return JSON.parse(await run(process.execPath, [child, data.backup, url, ...more])) as VerifyUsage;
}

/** Watches for one period, with a state of its own, through the snapshot service. */
export async function watchPeriod({ backup }: BenchData, { url, rpcPort }: Influxd): Promise<void> {
  const child = fileURLToPath(new URL('./watch-child.mjs', import.meta.url));
  const work = await mkdtemp(join(backup, '..', 'watch-'));
  try {
    const asked = [backup, url, `tcp://127.0.0.1:${rpcPort}`, join(work, 'state.json')];
    // The lowest priority for all threads, as `ceres watch` has.
    await run('nice', ['-n', '19', process.execPath, child, ...asked]);
  } finally {
    await rm(work, { recursive: true });
  }
}

export async function importOneByOne(data: BenchData, influxd: Influxd): Promise<undefined> {
  await importFiles([...data.files], influxd);
}

async function importFourAtOnce(data: BenchData, influxd: Influxd): Promise<undefined> {
  const files = [...data.files];
  await Promise.all(Array.from({ length: 4 }, () => importFiles(files, influxd)));
}

/** Imports files from the list until none is left. */
async function importFiles(files: string[], { httpPort }: Influxd): Promise<void> {
  const { influx } = await findInfluxBinaries();
  const server = ['-host', '127.0.0.1', '-port', String(httpPort)];
  for (let file = files.shift(); file !== undefined; file = files.shift()) {
    await run(influx, [...server, '-import', '-compressed', `-path=${file}`, '-precision=s']);
  }
}

async function poster({ bodies }: BenchData, { url }: Influxd): Promise<undefined> {
  const child = fileURLToPath(new URL('./poster-child.mjs', import.meta.url));
  await run(process.execPath, [child, url], JSON.stringify(bodies));
}

/** Checks that the contestant lost no line. */
async function mustHoldAll({ databases, lines }: BenchData, { url }: Influxd): Promise<void> {
  let found = 0;
  for (const database of databases) {
    const [series] = await query(url, database, 'SELECT COUNT(usage_user) FROM cpu');
    found += Number(series?.values[0]?.[1] ?? 0);
  }
  if (found !== lines) throw new Error(`${found} of ${lines} lines are in the database`);
}

async function run(file: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${output.slice(-500)}`);
  return output;
}
