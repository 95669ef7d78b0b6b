import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { available, once } from '../servers/available';
import { keptFolder } from '../servers/cache';

const run = promisify(execFile);

/** Later versions need Node 21. */
const version = '3.35.0';
const program = 'node_modules/azurite/dist/src/blob/main.js';

/**
 * Finds the program of Microsoft's emulator, in the user's cache, or else as npm has it: it is too large (186 MB) for a dependency of
 * everyone who works on Ceres. A process looks only once.
 *
 * @throws Error that says how to get it
 */
export const findAzurite: () => Promise<string> = once(find);

/** Returns whether tests on Microsoft's emulator can run, like `influxdAvailable`. */
export function azuriteAvailable(): Promise<boolean> {
  return available('Microsoft’s emulator of Azure', findAzurite);
}

async function find(): Promise<string> {
  try {
    return join(await keptFolder(`azurite-${version}`, program, ({ folder }) => install(folder)), program);
  } catch (cause) {
    throw new Error(
      `Found no azurite: npm cannot fetch azurite@${version}. ` +
        `Check that \`npm view azurite@${version}\` works. (${cause instanceof Error ? cause.message.trim() : String(cause)})`,
      { cause },
    );
  }
}

async function install(folder: string): Promise<void> {
  await mkdir(folder);
  // Its dependencies are telemetry, databases and queues too: none of them needs to run anything in order to be installed.
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
  await run('npm', ['install', '--prefix', folder, ...quietly, `azurite@${version}`], { cwd: folder });
}
