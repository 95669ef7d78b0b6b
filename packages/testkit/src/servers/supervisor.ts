import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * Stands between us and the server, because a test runner may die of SIGKILL and then no handler of its own runs: the
 * kernel closes our end of its stdin, `read` ends, and it kills the server and removes the directory.
 *
 * Its stderr is the server's alone, so the end of that stream is the end of the server.
 */
const script = `
directory=$1
shift
"$@" </dev/null 1>&2 &
pid=$!
exec 2>/dev/null
echo $pid
keep=
while read -r line; do keep=$line; done
kill -9 $pid
wait $pid
[ "$keep" = keep ] || rm -rf "$directory"
`;

export interface SupervisedServer {
  readonly pid: number;
  /** Settles with what the server printed, when it has exited. */
  readonly exited: Promise<string>;
  /** Nothing happens if it has just exited of itself. */
  signal(signal: NodeJS.Signals): void;
  /** Kills the server if it still runs, and removes the directory, or leaves it to the next supervisor. */
  release(directory: 'keep' | 'remove'): Promise<void>;
}

/** @param command the server in the foreground, and its arguments */
export async function supervise(
  command: readonly [program: string, ...args: string[]],
  directory: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SupervisedServer> {
  // In a session of its own, so that Ctrl-C in the terminal reaches the test runner only.
  const child = spawn('/bin/sh', ['-c', script, 'sh', directory, ...command], { detached: true, env });
  const gone = once(child, 'exit');
  const exited = readAll(child.stderr);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const pid = Number(line);
  return {
    pid,
    exited,
    signal: (signal) => {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
    release: async (what) => {
      child.stdin.end(`${what}\n`);
      await gone;
    },
  };
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
