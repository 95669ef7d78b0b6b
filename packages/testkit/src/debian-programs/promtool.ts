import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { available, once } from '../servers/available';
import { unpackDebianPackages } from '../servers/debian';

const run = promisify(execFile);

/**
 * Finds `promtool` of Prometheus on this machine: on PATH, or else unpacked from Debian's package. A process looks only once.
 *
 * @throws Error that says how to get it
 */
export const findPromtool: () => Promise<string> = once(find);

/** Returns whether tests with `promtool` can run, like `influxdAvailable`. */
export function promtoolAvailable(): Promise<boolean> {
  return available('alert rules', findPromtool);
}

/** Runs `promtool`, and returns what it says and how it ends. */
export async function promtool(
  ...args: readonly string[]
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const path = await findPromtool();
  return await new Promise((resolve) => {
    execFile(path, args, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

async function find(): Promise<string> {
  try {
    await run('promtool', ['--version']);
    return 'promtool';
  } catch {
    // not on PATH
  }
  try {
    const path = join((await unpackDebianPackages(['prometheus'], 'promtool')).binDir, 'promtool');
    await run(path, ['--version']);
    return path;
  } catch (cause) {
    throw new Error(
      'Found no promtool: it is not on PATH, and Debian’s package cannot be fetched. ' +
        `Run \`apt-get install prometheus\`. (${cause instanceof Error ? cause.message.trim() : String(cause)})`,
      { cause },
    );
  }
}
