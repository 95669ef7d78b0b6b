import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Who owns a spool. A pid alone is no identity (it is reused, and 1 in every container); together with the moment the
 * process started, its pid namespace and the boot of the kernel it names one process for ever.
 */
export interface Owner {
  /** Of this ownership, random. */
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  readonly sinceMs: number;
  /** From Linux' /proc; absent elsewhere. */
  readonly bootId?: string;
  readonly pidNamespace?: string;
  /** In clock ticks since the boot. */
  readonly startedTicks?: string;
}

export function thisProcess(token: string, nowMs: number): Owner {
  const bootId = orAbsent(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const pidNamespace = orAbsent(() => readlinkSync('/proc/self/ns/pid'));
  const startedTicks = startedTicksOf(process.pid);
  return {
    token,
    host: hostname(),
    pid: process.pid,
    sinceMs: nowMs,
    ...(bootId !== undefined && { bootId }),
    ...(pidNamespace !== undefined && { pidNamespace }),
    ...(startedTicks !== undefined && { startedTicks }),
  };
}

/** `undefined` for a process that is not there. The 22nd field of proc(5)'s stat; the 2nd may hold spaces and brackets. */
export function startedTicksOf(pid: number): string | undefined {
  const stat = orAbsent(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** `undefined` for what names no owner: a lock that was given back, or a file that a crash of the host left empty. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const owner: Partial<Owner> | null = JSON.parse(text);
    const isOwner = typeof owner?.token === 'string' && typeof owner.host === 'string' && typeof owner.pid === 'number';
    return isOwner ? (owner as Owner) : undefined;
  } catch {
    return undefined;
  }
}

function orAbsent(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined; // not Linux, or no such process
  }
}
