import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drain } from '../../../tsm/bench/native/contestants';
import type { FilledServer } from '../../../tsm/bench/native/filled-server';

/** What copying everything took. */
export interface Usage {
  readonly seconds: number;
  readonly serverCpuSeconds: number;
}

/** What a seed took. */
export interface SeedUsage extends Usage {
  readonly rssMb: number;
  readonly bytes: number;
  readonly readBackSeconds: number;
}

/** Seeds everything into files on a disk, in a process of its own. */
export async function seedAll(server: FilledServer, level = ''): Promise<SeedUsage> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-bench-seed-'));
  try {
    const before = server.cpuSeconds();
    const script = fileURLToPath(new URL('./seed-child.mjs', import.meta.url));
    const output = await run([script, `tcp://127.0.0.1:${server.influxd.rpcPort}`, folder, level]);
    const { points, ...usage } = JSON.parse(output) as Omit<SeedUsage, 'serverCpuSeconds'> & {
      readonly points: number;
    };
    if (points < server.lines) throw new Error(`The seed has ${points} of ${server.lines} points.`);
    return { ...usage, serverCpuSeconds: server.cpuSeconds() - before };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Asks for every point as chunked JSON and throws the answers away, in a process of its own. */
export async function queryAll(server: FilledServer): Promise<Usage> {
  const before = server.cpuSeconds();
  const started = performance.now();
  await drain(server);
  return { seconds: (performance.now() - started) / 1e3, serverCpuSeconds: server.cpuSeconds() - before };
}

async function run(args: readonly string[]): Promise<string> {
  // The lowest priority for all threads, as `ceres seed` has.
  const child = spawn('nice', ['-n', '19', process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}.`);
  return output;
}
