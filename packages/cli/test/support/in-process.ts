import { PassThrough, Writable } from 'node:stream';
import { run } from '../../src/index';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run may be given besides its words. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Makes stdout and stderr terminals. */
  readonly isTTY?: boolean;
}

/** Runs `ceres` in this process, without a terminal unless one is asked for. */
export async function ceres(
  argv: readonly string[],
  signal = new AbortController().signal,
  { env = {}, isTTY = false }: Surroundings = {},
): Promise<Outcome> {
  const output = { stdout: '', stderr: '' };
  const collect = (stream: keyof typeof output) =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, written) {
          output[stream] += chunk;
          written();
        },
      }),
      { isTTY },
    );
  const exitCode = await run({
    argv,
    stdin: new PassThrough(),
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    env,
    signal,
  });
  return { exitCode, ...output };
}
