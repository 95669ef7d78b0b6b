import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { supervise } from './supervisor';

/** A program of this repository that runs in a process of its own. */
export interface Program {
  /** Its working directory. */
  readonly directory: string;
  /** Resolves once the program's output matches, and rejects if the program exits first. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the whole output when the program has exited. */
  readonly exited: Promise<string>;
  /** Kills the program if it runs, and removes its directory. The end of this process, even by SIGKILL, does the same. */
  remove(): Promise<void>;
}

const tsx = createRequire(import.meta.url).resolve('tsx');

/**
 * Runs a TypeScript file on the sources of all packages, so that no build is needed. Its working directory is new and
 * empty.
 *
 * @param env variables to add to the environment of this process
 */
export async function startProgram(main: URL, env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const directory = await mkdtemp(join(tmpdir(), 'ceres-program-'));
  const node = [process.execPath, '--conditions=@ceres/source', '--import', tsx, fileURLToPath(main)] as const;
  const inDirectory = ['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', directory, ...node] as const;
  const { printed, signal, exited, release } = await supervise(inDirectory, directory, { ...process.env, ...env });
  return { directory, printed, signal, exited, remove: () => release('remove') };
}
