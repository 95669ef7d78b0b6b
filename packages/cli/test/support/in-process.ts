import { PassThrough, Writable } from 'node:stream';
import { run } from '../../src/index';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ceres` in this process, without a terminal. */
export async function ceres(argv: readonly string[], signal = new AbortController().signal): Promise<Outcome> {
  const output = { stdout: '', stderr: '' };
  const collect = (stream: keyof typeof output) =>
    new Writable({
      write(chunk, _encoding, written) {
        output[stream] += chunk;
        written();
      },
    });
  const exitCode = await run({
    argv,
    stdin: new PassThrough(),
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    env: {},
    signal,
  });
  return { exitCode, ...output };
}
