import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInfluxBinaries } from './binaries';

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs InfluxDB's own `influx` as an operator would: `influxTool(['-import', '-path=x.gz', '-compressed'], server)`.
 * Resolves with any exit code.
 *
 * @param input what the tool reads from its standard input
 */
export async function influxTool(
  args: readonly string[],
  server?: { readonly url: string },
  input = '',
): Promise<ToolResult> {
  const { influx } = await findInfluxBinaries();
  const { hostname, port } = new URL(server?.url ?? 'http://127.0.0.1:8086');
  // The tool writes a history file into HOME.
  const home = await mkdtemp(join(tmpdir(), 'ceres-influx-home-'));
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(influx, ['-host', hostname, '-port', port, ...args], {
        env: { ...process.env, HOME: home },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.once('error', reject);
      child.stdin.on('error', () => undefined); // A tool that ends without reading its input closes the pipe.
      child.stdin.end(input);
      child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
