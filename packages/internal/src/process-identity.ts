import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errnoOf } from './files';

/**
 * Names one process for ever. A pid alone does not: it is reused, and it is 1 in every container. Together with the boot of
 * the kernel, the pid namespace and the start time of the process, it does.
 */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** The boot of the kernel. Known only on Linux, from /proc, like the next two. */
  readonly bootId?: string;
  readonly pidNamespace?: string;
  /** The clock ticks from the boot to the start of the process. */
  readonly startedTicks?: string;
}

/**
 * Says whether a process still runs, as far as this process can know.
 *
 * - `alive`: it certainly runs, or is suspended.
 * - `dead`: it certainly does not run.
 * - `elsewhere`: it belongs to another host, about which this one knows nothing.
 * - `unknown`: it cannot be seen from here, since it is in another container or was started before a reboot.
 */
export type Liveness = 'alive' | 'dead' | 'elsewhere' | 'unknown';

/** Returns the identity of this process. */
export function thisProcess(): ProcessIdentity {
  return identityOf(process.pid);
}

/** Returns the identity of a process of the same host and the same pid namespace, which this process can see. */
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
 * - Same boot and same pid namespace: /proc shows whether a process with that pid and start time is there. (The number of
 *   a namespace may be reused when its container is gone, but the start time still differs.)
 * - Same boot, another pid namespace: another container, or this one after a restart. Its processes cannot be seen.
 * - Another boot, same host name: usually this host after a reboot, but a pod with a fixed name may run twice while its
 *   old node is cut off.
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
    return errnoOf(error) === 'EPERM';
  }
}

/**
 * Returns when a process started, in clock ticks since the boot, or `undefined` if it does not run. Reads fields 3 and 22
 * of `stat` in proc(5), whose second field may contain spaces and brackets.
 */
function startedTicksOf(pid: number): string | undefined {
  const stat = orAbsent(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' && threadsOf(pid) <= 1 ? undefined : fields?.[19];
}

/** Returns how many threads a process has. A zombie's first thread is dead, but another one may still write to the disk. */
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
