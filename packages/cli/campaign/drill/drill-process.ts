import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Certificate, DrillOptions } from '@ceres/drill';

const child = fileURLToPath(new URL('./drill-child.mjs', import.meta.url));

/** What a drill in a process of its own is given. */
export interface DrillParameters extends Pick<DrillOptions, 'sample' | 'route'> {
  /** The folder of the backup. */
  readonly root: string;
  readonly workDir: string;
}

/** A drill that runs in a process of its own. */
export interface DrillProcess {
  readonly process: ChildProcess;
  /** Resolves with true once it prints a word, and with false if it ends before. */
  printed(word: string): Promise<boolean>;
  /** Resolves with its certificate; `undefined` if it ended without one. */
  readonly ended: Promise<{
    readonly certificate: Certificate | undefined;
    readonly code: number | null;
    readonly said: string;
  }>;
}

export function startDrill(parameters: DrillParameters): DrillProcess {
  const running = spawn(process.execPath, [child, JSON.stringify(parameters)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let said = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  running.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let isOver = false;
  const closed = new Promise<number | null>((resolve) => running.once('close', resolve)).finally(() => {
    isOver = true;
  });
  return {
    process: running,
    printed: async (word) => {
      while (!isOver && !printed.includes(word)) await pause(1);
      return printed.includes(word);
    },
    ended: closed.then((code) => {
      const last = printed.trim().split('\n').at(-1) ?? '';
      return { certificate: last.startsWith('{') ? (JSON.parse(last) as Certificate) : undefined, code, said };
    }),
  };
}

/** Returns the processes whose command lines name something in a folder. */
export async function processesIn(
  folder: string,
): Promise<{ readonly pid: number; readonly words: readonly string[] }[]> {
  const found: { pid: number; words: readonly string[] }[] = [];
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.some((word) => word.startsWith(`${folder}/`))) found.push({ pid: Number(name), words });
  }
  return found;
}

const goneMsMax = 60_000;

/** Returns what is left in the work folder of a drill that has ended: folders and processes. A guard may need a moment to remove them. */
export async function leftIn(workDir: string): Promise<string[]> {
  const endMs = Date.now() + goneMsMax;
  for (;;) {
    const left = [
      ...(await readdir(workDir)),
      ...(await processesIn(workDir)).map(({ pid, words }) => `process ${pid}: ${words.slice(0, 2).join(' ')}`),
    ];
    if (left.length === 0 || Date.now() >= endMs) return left;
    await pause(5);
  }
}
