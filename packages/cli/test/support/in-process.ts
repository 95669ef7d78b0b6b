import { PassThrough, Writable } from 'node:stream';
import { run } from '../../src/index';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  /** Has no lines of progress: how many of them there are depends on how fast the machine is. */
  readonly stderr: string;
  /** The lines of progress, each with its time. */
  readonly progress: readonly string[];
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

const isProgress = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}/;

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
  const lines = output.stderr.split('\n');
  const progress = lines.filter((line) => isProgress.test(line));
  return { exitCode, ...output, stderr: lines.filter((line) => !isProgress.test(line)).join('\n'), progress };
}
