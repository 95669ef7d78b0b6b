import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Influxd } from '@ceres/testkit';

/** Waits until the server does nothing more by itself, and returns the CPU time that it has used. */
export async function settledCpuSeconds({ pid }: Influxd): Promise<number> {
  let [now, quiet] = [cpuSecondsOf(pid), 0];
  while (quiet < 3) {
    await pause(500);
    const next = cpuSecondsOf(pid);
    quiet = next - now < 0.03 ? quiet + 1 : 0;
    now = next;
  }
  return now;
}

function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
