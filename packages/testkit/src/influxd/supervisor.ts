import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * Stands between us and influxd, because a test runner may die of SIGKILL and then no handler of its own runs: the
 * kernel closes our end of its stdin, `read` ends, and it kills influxd and removes the directory.
 *
 * Its stderr is influxd's alone, so the end of that stream is the end of influxd.
 */
const script = `
"$1" run -config "$2/influxd.conf" </dev/null 1>&2 &
pid=$!
exec 2>/dev/null
echo $pid
keep=
while read -r line; do keep=$line; done
kill -9 $pid
wait $pid
[ "$keep" = keep ] || rm -rf "$2"
`;

export interface SupervisedInfluxd {
  readonly pid: number;
  /** Settles with what influxd printed, when it has exited. */
  readonly exited: Promise<string>;
  /** Kills influxd if it still runs, and removes the directory, or leaves it to the next supervisor. */
  release(directory: 'keep' | 'remove'): Promise<void>;
}

export async function superviseInfluxd(influxd: string, directory: string): Promise<SupervisedInfluxd> {
  // In a session of its own, so that Ctrl-C in the terminal reaches the test runner only.
  const child = spawn('/bin/sh', ['-c', script, 'sh', influxd, directory], { detached: true });
  const gone = once(child, 'exit');
  const exited = readAll(child.stderr);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    pid: Number(line),
    exited,
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
