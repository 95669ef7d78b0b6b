import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { identityOf, livenessOf, type ProcessIdentity } from '@ceres/internal';

/**
 * A shell that is the parent of the server, and reads a pipe of which this process holds the other end. However this process ends, also by SIGKILL, the
 * kernel closes that end: `read` fails, and the shell kills the server and removes the drill's folder, the file that names its owner last.
 *
 * Only the server writes to stderr, so that the stream ends when the server does.
 */
const script = `
folder=$1
shift
"$@" </dev/null 1>&2 &
pid=$!
exec 2>/dev/null
echo $pid
while read -r line; do :; done
kill -9 $pid
wait $pid
rm -rf "$folder/server" "$folder/work"
rm -f "$folder/drill.json"
rmdir "$folder"
`;

/** The end of what the server said: enough for its reason. */
const logLengthMax = 4_000;

/** A server that ends with this process. */
export interface GuardedProcess {
  /** Resolves with the end of its output, when it has ended. */
  readonly ended: Promise<string>;
  /** Kills it, and resolves when it is gone, and the folder of the drill with it. */
  end(): Promise<void>;
}

/**
 * Starts a program that stays in the foreground, with a guard.
 *
 * @param folder the drill's folder, with all that is in it
 */
export async function startGuarded(folder: string, command: readonly string[]): Promise<GuardedProcess> {
  // A session of its own keeps Ctrl-C in the terminal from reaching the server before the drill ends it.
  const guard = spawn('/bin/sh', ['-c', script, 'sh', folder, ...command], { detached: true });
  const exited = new Promise<void>((resolve) => {
    guard.once('exit', () => resolve());
    guard.once('error', () => resolve());
  });
  guard.stdin.on('error', () => undefined); // a guard that was killed reads no more
  let log = '';
  guard.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-logLengthMax);
  });
  const ended = once(guard.stderr, 'close').then(() => log.trim());
  ended.catch(() => undefined);
  const started = once(createInterface(guard.stdout), 'line') as Promise<[string]>;
  const line = await Promise.race([started.then(([first]) => first), exited.then(() => undefined)]);
  if (line === undefined) throw new Error('the shell /bin/sh, which guards it, could not be started');
  const server = identityOf(Number(line));
  return {
    ended,
    end: async () => {
      guard.stdin.end();
      await exited;
      killIfAlive(server); // if the guard itself was killed
      await ended;
    },
  };
}

function killIfAlive(server: ProcessIdentity): void {
  if (server.startedTicks === undefined || livenessOf(server) !== 'alive') return;
  try {
    process.kill(server.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
