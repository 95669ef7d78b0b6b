import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * A shell script that is the parent of the server. A test runner that dies of SIGKILL cannot clean up, but the kernel
 * closes its end of this script's stdin: `read` ends, and the script kills the server and removes the directory.
 *
 * Only the server writes to stderr, so that stream ends when the server does. The kernel closes a dying process's files a moment
 * before its end, during which others still see it run.
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
  /** Resolves with the server's output when it has exited, and other processes see that. */
  readonly exited: Promise<string>;
  /** Resolves once the server's output matches, and rejects if the server exits first. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal. Does nothing if the server has already exited. */
  signal(signal: NodeJS.Signals): void;
  /** Kills the server if it runs. Removes the directory, or keeps it for the next supervisor. */
  release(directory: 'keep' | 'remove'): Promise<void>;
}

/**
 * Starts a server that ends with this process.
 *
 * @param command the server, which must stay in the foreground, and its arguments
 */
export async function supervise(
  command: readonly [program: string, ...args: string[]],
  directory: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<SupervisedServer> {
  // A session of its own keeps Ctrl-C in the terminal from reaching the server.
  const child = spawn('/bin/sh', ['-c', script, 'sh', directory, ...command], { detached: true, env });
  const gone = once(child, 'exit');
  const { ended: closed, match: printed } = readText(child.stderr);
  const ended = gone.then(() => {
    throw new Error(`The shell that was to start ${command[0]} ended before it had started it.`);
  });
  const started = once(createInterface(child.stdout), 'line') as Promise<[string]>;
  const [line] = await Promise.race([started, ended]);
  const pid = Number(line);
  return {
    pid,
    exited: closed.then(async (text) => {
      while (await isSeenRunning(pid)) await pause(2);
      return text;
    }),
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

/** Returns whether /proc shows a process with a thread that runs: nothing does after the end, but for the entry that its parent has not read. */
async function isSeenRunning(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const isZombie = stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
    return !isZombie || (await readdir(`/proc/${pid}/task`)).length > 1;
  } catch {
    return false; // it has ended, or this is not Linux
  }
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
        throw new Error(`The program exited without printing ${pattern}. It printed: ${text.trim()}`);
      }
    }
  }
  return { ended, match };
}
