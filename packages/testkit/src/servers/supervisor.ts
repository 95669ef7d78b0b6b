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
  /** Resolves once what the server printed matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
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
  const { ended: exited, match: printed } = readText(child.stderr);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const pid = Number(line);
  return {
    pid,
    exited,
    printed,
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

function readText(stream: NodeJS.ReadableStream) {
  let text = '';
  const ended = new Promise<string>((resolve, reject) => {
    stream.on('data', (chunk) => {
      text += chunk;
    });
    stream.on('end', () => resolve(text));
    stream.on('error', reject);
  });

  async function match(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(text);
      if (found !== null) return found;
      const more = once(stream, 'data').then(() => true);
      if (!(await Promise.race([more, ended.then(() => false)]))) {
        throw new Error(`it ended without printing ${pattern}: ${text.trim()}`);
      }
    }
  }
  return { ended, match };
}
