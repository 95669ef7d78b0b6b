import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const child = fileURLToPath(new URL('child.ts', import.meta.url));
const bootId = '/proc/sys/kernel/random/boot_id';

/**
 * Gives a program what tells hosts apart: a host name, a boot and processes of its own. `$1` is the name, `$2` a file with the boot id;
 * the rest is the program. What it prints on stderr goes to descriptor 3, since unshare complains there about the end of every child.
 */
const asHost = `hostname "$1" && mount --bind "$2" ${bootId} && shift 2 && exec "$@" 2>&3`;
const unshare = ['--uts', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', asHost, 'sh'];

/** Returns why this machine cannot imitate other hosts; `undefined` if it can. */
export async function hostObstacle(): Promise<string | undefined> {
  try {
    await promisify(execFile)('/bin/sh', [
      '-c',
      'exec unshare "$@" 3>&2',
      'sh',
      ...unshare,
      'ingest-0',
      bootId,
      'true',
    ]);
    return undefined;
  } catch (error) {
    return `cannot imitate other hosts here, which needs root on Linux: ${(error as Error).message.trim()}`;
  }
}

/** A sink in a process that looks, to every other process here, as if it ran on another host. */
export class Host {
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = '';

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#closed = once(process, 'close');
    process.stdout?.setEncoding('latin1').on('data', (text: string) => {
      this.#output += text;
    });
  }

  /** Starts a sink on `<directory>/spool` whose first write has the number `first`. */
  static async start(name: string, directory: string, first: number): Promise<Host> {
    const boot = join(directory, `boot-${name}`);
    await writeFile(boot, `${randomUUID()}\n`);
    const program = [process.execPath, '--import', 'tsx', child, directory, String(first)];
    return new Host(spawn('unshare', [...unshare, name, boot, ...program], { stdio: ['ignore', 'pipe', 'ignore', 2] }));
  }

  /** The numbers of the writes that it reported as acked. */
  get acked(): number[] {
    return this.#lines.filter((line) => /^\d+$/.test(line)).map(Number);
  }

  /** The code of the error that ended it. */
  get endedBy(): string | undefined {
    return this.#lines.find((line) => !/^\d+$/.test(line));
  }

  get #lines(): string[] {
    return this.#output.split('\n').slice(0, -1);
  }

  /** Resolves when it has acked more than `count` writes or has ended, and rejects after a minute. */
  async acksMoreThan(count: number): Promise<void> {
    for (let waitedMs = 0; this.acked.length <= count && !this.hasEnded; waitedMs += 20) {
      if (waitedMs > 60_000) throw new Error(`A sink acked nothing for a minute after ${count} writes.`);
      await pause(20);
    }
  }

  /** Resolves when it has ended by itself, and rejects after a minute. */
  async ends(): Promise<void> {
    const late = pause(60_000, 'late', { ref: false });
    if ((await Promise.race([this.#closed, late])) === 'late') throw new Error('A sink that lost its spool goes on.');
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Sends a signal to the sink itself, which is the only child of `unshare`. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const { pid } = this.#process;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    process.kill(Number(children.trim()), signal);
  }

  async kill(): Promise<void> {
    if (!this.hasEnded) await this.signal('SIGKILL');
    await this.#closed;
  }
}
