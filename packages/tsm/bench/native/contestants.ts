import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FilledServer } from './filled-server';

/** What a way to read everything took. */
export interface Usage {
  /** Of the reading process and of the server. */
  readonly cpuSeconds: number;
  /** The most memory that the reading process had. */
  readonly rssMb: number;
}

/** Reads all shards through the snapshot service, in a process of its own. */
export function read(server: FilledServer, scratch: string, what: 'digest' | 'lines'): Promise<Usage> {
  return measure(server, 'read-child.mjs', [`tcp://127.0.0.1:${server.influxd.rpcPort}`, scratch, what]);
}

/** Asks for every point as chunked JSON and throws the answers away, in a process of its own. */
export function drain(server: FilledServer): Promise<Usage> {
  return measure(server, 'drain-child.mjs', [server.influxd.url, ...server.databases]);
}

interface Outcome {
  readonly points: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

async function measure(server: FilledServer, script: string, args: readonly string[]): Promise<Usage> {
  const before = server.cpuSeconds();
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${script} ended with ${code}.`);
  const { points, cpuSeconds, rssMb } = JSON.parse(output) as Outcome;
  if (points !== server.lines) throw new Error(`${script} read ${points} of ${server.lines} points.`);
  return { cpuSeconds: cpuSeconds + server.cpuSeconds() - before, rssMb };
}
