import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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

/** `undefined` for a process that is not there. Fields 3 and 22 of proc(5)'s stat; the 2nd may hold spaces and brackets. */
export function startedTicksOf(pid: number): string | undefined {
  const stat = orAbsent(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' && threadsOf(pid) <= 1 ? undefined : fields?.[19];
}

/** A zombie is dead, and waits for its parent; but one of its threads may still be stuck in a write to the disk. */
function threadsOf(pid: number): number {
  return orAbsent(() => readdirSync(`/proc/${pid}/task`).length) ?? 0;
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

function orAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // not Linux, or no such process
  }
}
