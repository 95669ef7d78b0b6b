import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Certificate } from '@ceres/drill';
import { startInfluxd } from '@ceres/testkit';
import { instance } from './data';

const drillChild = fileURLToPath(new URL('./drill-child.mjs', import.meta.url));
const restoreChild = fileURLToPath(new URL('./restore-child.mjs', import.meta.url));

/** Drills a part of a backup in a process of its own. */
export async function drillOnce(
  root: string,
  percent: number,
): Promise<{ readonly seconds: number; readonly certificate: Certificate }> {
  const started = performance.now();
  const output = await run(drillChild, [root, instance, String(percent)]);
  return { seconds: (performance.now() - started) / 1_000, certificate: JSON.parse(output) };
}

/** Does what a drill does, by hand: starts a server, restores natively, compares every value through the snapshot service, and stops the server. */
export async function restoreAndVerify(root: string, folder: string): Promise<number> {
  const work = await mkdtemp(join(folder, 'work-'));
  const started = performance.now();
  const influxd = await startInfluxd();
  try {
    await run(restoreChild, [root, instance, work, influxd.url, `tcp://127.0.0.1:${influxd.rpcPort}`]);
  } finally {
    await influxd.stop();
    await rm(work, { recursive: true });
  }
  return (performance.now() - started) / 1_000;
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output.slice(-500)}`);
  return output;
}
