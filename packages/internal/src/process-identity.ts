import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Names one process for ever. A pid alone does not: it is reused, and is 1 in every container. Together with the boot of the
 * kernel, the pid namespace and the moment the process started it does.
 */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** From Linux' /proc, as the two below; absent elsewhere. */
  readonly bootId?: string;
  readonly pidNamespace?: string;
  /** Clock ticks from the boot to the start of the process. */
  readonly startedTicks?: string;
}

/**
 * Says whether a process still runs, as far as it can be known from here.
 *
 * - `alive`: certainly; also if it is suspended.
 * - `dead`: certainly.
 * - `elsewhere`: on another host, of which nothing can be known from here.
 * - `unknown`: it cannot be seen from here: in another container, or before a reboot.
 */
export type Liveness = 'alive' | 'dead' | 'elsewhere' | 'unknown';

/** Returns the identity of this process. */
export function thisProcess(): ProcessIdentity {
  return identityOf(process.pid);
}

/** Returns the identity of a process that this one can see: same host, same pid namespace. */
export function identityOf(pid: number): ProcessIdentity {
  const bootId = orAbsent(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const pidNamespace = orAbsent(() => readlinkSync('/proc/self/ns/pid'));
  const startedTicks = startedTicksOf(pid);
  return {
    host: hostname(),
    pid,
    ...(bootId !== undefined && { bootId }),
    ...(pidNamespace !== undefined && { pidNamespace }),
    ...(startedTicks !== undefined && { startedTicks }),
  };
}

/**
 * Returns whether `other` still runs, seen from `self`.
 *
 * - Same boot and same pid namespace: /proc shows whether that very process, by pid and start time, is there. (The number
 *   of a namespace may be reused once its container is gone: the start time still differs.)
 * - Same boot, another pid namespace: another container, or this one after a restart. Its processes cannot be seen.
 * - Another boot, same host name: mostly this host after a reboot, but a pod with a fixed name may run twice while its old
 *   node is cut off.
 * - Another host name and another boot: another host.
 */
export function livenessOf(other: ProcessIdentity, self: ProcessIdentity = thisProcess()): Liveness {
  if (other.bootId === undefined || self.bootId === undefined) return livenessWithoutProc(other, self);
  if (other.bootId !== self.bootId) return other.host === self.host ? 'unknown' : 'elsewhere';
  if (other.pidNamespace === undefined || other.pidNamespace !== self.pidNamespace) return 'unknown';
  return other.startedTicks !== undefined && startedTicksOf(other.pid) === other.startedTicks ? 'alive' : 'dead';
}

function livenessWithoutProc(other: ProcessIdentity, self: ProcessIdentity): Liveness {
  if (other.host !== self.host) return 'elsewhere';
  return other.pid !== self.pid && processExists(other.pid) ? 'unknown' : 'dead';
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Returns when a process started, in clock ticks since the boot, or `undefined` if it does not run: fields 3 and 22 of proc(5)'s
 * `stat`, whose second field may hold spaces and brackets.
 */
function startedTicksOf(pid: number): string | undefined {
  const stat = orAbsent(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' && threadsOf(pid) <= 1 ? undefined : fields?.[19];
}

/** Returns how many threads a process has. A zombie is dead, but one of its threads may still be stuck in a write to the disk. */
function threadsOf(pid: number): number {
  return orAbsent(() => readdirSync(`/proc/${pid}/task`).length) ?? 0;
}

function orAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // not Linux, or no such process
  }
}
