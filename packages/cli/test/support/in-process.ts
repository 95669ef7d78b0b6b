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
  /** Makes stdin a terminal, on which this is typed. */
  readonly answer?: string;
  /** Called with what is printed as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** Runs `ceres` in this process, without a terminal unless one is asked for. */
export async function ceres(
  argv: readonly string[],
  signal = new AbortController().signal,
  { env = {}, isTTY = false, answer, onOutput }: Surroundings = {},
): Promise<Outcome> {
  const output = { stdout: '', stderr: '' };
  const collect = (stream: keyof typeof output) =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, written) {
          output[stream] += chunk;
          onOutput?.(String(chunk));
          written();
        },
      }),
      { isTTY },
    );
  const stdin = Object.assign(new PassThrough(), { isTTY: answer !== undefined });
  if (answer !== undefined) stdin.write(`${answer}\n`);
  const exitCode = await run({
    argv,
    stdin,
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    env,
    signal,
  });
  return { exitCode, ...output };
}
