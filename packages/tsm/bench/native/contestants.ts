import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FilledServer } from './filled-server';

/** What a way to read everything took. */
export interface Usage {
  /** The time of the reading process and of the server. */
  readonly cpuSeconds: number;
  /** The most memory that the reading process had. */
  readonly rssMb: number;
}

/** Reads all shards through the snapshot service, in a process of its own. */
export function read(server: FilledServer, scratch: string, what: 'digest' | 'lines'): Promise<Usage> {
  return measure(server, new URL('./read-child.mjs', import.meta.url), [
    `tcp://127.0.0.1:${server.influxd.rpcPort}`,
    scratch,
    what,
  ]);
}

/** Asks for every point as chunked JSON and throws the answers away, in a process of its own. */
export function drain(server: FilledServer): Promise<Usage> {
  return measure(server, new URL('./drain-child.mjs', import.meta.url), [server.influxd.url, ...server.databases]);
}

interface Outcome {
  readonly points: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

async function measure(server: FilledServer, script: URL, args: readonly string[]): Promise<Usage> {
  const before = server.cpuSeconds();
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${script.href} ended with ${code}.`);
  const { points, cpuSeconds, rssMb } = JSON.parse(output) as Outcome;
  if (points !== server.lines) throw new Error(`${script.href} read ${points} of ${server.lines} points.`);
  return { cpuSeconds: cpuSeconds + server.cpuSeconds() - before, rssMb };
}
