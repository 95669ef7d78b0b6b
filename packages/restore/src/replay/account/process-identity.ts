import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Names one process for ever. A pid alone does not: it is reused, and is 1 in every container. Together with the boot of the
 * kernel, the pid namespace and the moment the process started it does. Outside Linux only the pid is known.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly bootId: string;
  readonly pidNamespace: string;
  /** In clock ticks since the boot. */
  readonly startedTicks: string;
}

export function thisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    bootId: orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNothing(() => readlinkSync('/proc/self/ns/pid')),
    startedTicks: startedTicksOf(process.pid),
  };
}

/** @returns `unknown` of a process that cannot be seen from here: on another host, in another container, before a reboot */
export function livenessOf(other: ProcessIdentity, self = thisProcess()): 'alive' | 'dead' | 'unknown' {
  const isVisible = other.bootId !== '' && other.bootId === self.bootId && other.pidNamespace === self.pidNamespace;
  if (!isVisible) return 'unknown';
  return startedTicksOf(other.pid) === other.startedTicks ? 'alive' : 'dead';
}

/** Fields 3 and 22 of proc(5)'s stat, the 2nd of which may hold spaces and brackets. '' for a process that is not there. */
function startedTicksOf(pid: number): string {
  const stat = orNothing(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? '' : (fields[19] ?? '');
}

function orNothing(read: () => string): string {
  try {
    return read();
  } catch {
    return ''; // not Linux, or no such process
  }
}
