import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';

/** The folder in which drills of a test work. */
export interface Ground {
  readonly workDir: string;
}

/** Makes a folder for each test, and demands that a drill leaves nothing in it: neither a file nor a process. */
export function drillGround(): Ground {
  let workDir = '';
  beforeEach(async () => {
    workDir = await mkdtemp(join(tmpdir(), 'ceres-drill-work-'));
  });
  afterEach(async () => {
    const left = [await readdir(workDir), await processesIn(workDir)];
    await rm(workDir, { recursive: true });
    expect(left).toEqual([[], []]);
  });
  return {
    get workDir() {
      return workDir;
    },
  };
}

/** A process whose command line names something in a folder. */
export interface FoundProcess {
  readonly pid: number;
  readonly words: readonly string[];
}

export async function processesIn(folder: string): Promise<FoundProcess[]> {
  const found: FoundProcess[] = [];
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.some((word) => word.startsWith(`${folder}/`))) found.push({ pid: Number(name), words });
  }
  return found;
}

/** Returns the throwaway server of a drill in a folder, once it runs. */
export async function influxdIn(folder: string): Promise<number> {
  for (;;) {
    const server = (await processesIn(folder)).find(({ words }) => words[1] === 'run');
    if (server !== undefined) return server.pid;
    await new Promise((next) => setTimeout(next, 2));
  }
}
