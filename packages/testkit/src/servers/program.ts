import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { supervise } from './supervisor';

/** A program of this repository in a process of its own. */
export interface Program {
  /** Its working directory. */
  readonly directory: string;
  /** Resolves once what it printed matches; rejects if it exits before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** Settles with all that it printed, when it has exited. */
  readonly exited: Promise<string>;
  /** Kills it if it still runs, and removes its directory; the end of this process, SIGKILL included, does the same. */
  remove(): Promise<void>;
}

const tsx = createRequire(import.meta.url).resolve('tsx');

/**
 * Runs a TypeScript file on the sources of all packages: nothing has to be built before. Its working directory is a new
 * and empty one.
 *
 * @param env besides the environment of this process
 */
export async function startProgram(main: URL, env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const directory = await mkdtemp(join(tmpdir(), 'ceres-program-'));
  const node = [process.execPath, '--conditions=@ceres/source', '--import', tsx, fileURLToPath(main)] as const;
  const inDirectory = ['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', directory, ...node] as const;
  const { printed, signal, exited, release } = await supervise(inDirectory, directory, { ...process.env, ...env });
  return { directory, printed, signal, exited, remove: () => release('remove') };
}
