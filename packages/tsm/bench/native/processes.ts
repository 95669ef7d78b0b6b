import { readFileSync } from 'node:fs';

/** The clock ticks of a second in `/proc`: `sysconf(_SC_CLK_TCK)` is 100 on every Linux that we know. */
const TICKS = 100;

/** Returns the CPU time of a process, its own and the kernel's for it. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
