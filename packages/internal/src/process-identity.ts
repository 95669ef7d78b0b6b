import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { errnoOf } from './files/durable-files';

/**
 * Names one process for ever, and the thread in it that took a lock. A pid alone does not: it is reused, and it is 1 in every
 * container. Together with the boot of the kernel, the pid namespace and the start time of the process, it does.
 */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** The boot of the kernel. Known only on Linux, from /proc, like the next two. */
  readonly bootId?: string;
  readonly pidNamespace?: string;
  /** The clock ticks from the boot to the start of the process. */
  readonly startedTicks?: string;
  /** The thread that took the lock, known only on Linux. A worker thread may end long before its process does. */
  readonly thread?: ThreadIdentity;
}

/** Names one thread of a process. */
interface ThreadIdentity {
  /** The kernel's number of the thread; the first thread has that of the process. */
  readonly id: number;
  /** The clock ticks from the boot to the start of the thread. */
  readonly startedTicks: string;
}

/**
 * Says whether the process, or its thread that took a lock, still runs, as far as this process can know.
 *
 * - `alive`: it certainly runs, or is suspended.
 * - `dead`: it certainly does not run.
 * - `elsewhere`: it belongs to another host, about which this one knows nothing.
 * - `unknown`: it cannot be seen from here, since it is in another container or was started before a reboot.
 */
export type Liveness = 'alive' | 'dead' | 'elsewhere' | 'unknown';

/** Returns the identity of this process and of the thread that calls. */
export function thisProcess(): ProcessIdentity {
  const thread = thisThread();
  return { ...identityOf(process.pid), ...(thread !== undefined && { thread }) };
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
 * - Same process, and a worker thread of it that has ended: what it held is free, since Node lets a thread end only when its calls of
 *   the file system have ended. Seen from another process that is not certain, because the whole process may be dying: some of
 *   its threads are gone by then, and others still write to the disk.
 * - Same boot, another pid namespace: another container, or this one after a restart. Its processes cannot be seen.
 * - Another boot, same host name: usually this host after a reboot, but a pod with a fixed name may run twice while its
 *   old node is cut off.
 * - Another host name and another boot: another host.
 */
export function livenessOf(other: ProcessIdentity, self: ProcessIdentity = thisProcess()): Liveness {
  if (other.bootId === undefined || self.bootId === undefined) return livenessWithoutProc(other, self);
  if (other.bootId !== self.bootId) return other.host === self.host ? 'unknown' : 'elsewhere';
  if (other.pidNamespace === undefined || other.pidNamespace !== self.pidNamespace) return 'unknown';
  if (other.startedTicks === undefined || startedTicksOf(other.pid) !== other.startedTicks) return 'dead';
  if (other.thread === undefined || other.thread.id === other.pid || threadRuns(other.pid, other.thread))
    return 'alive';
  return other.pid === self.pid ? 'dead' : 'unknown';
}

function livenessWithoutProc(other: ProcessIdentity, self: ProcessIdentity): Liveness {
  if (other.host !== self.host) return 'elsewhere';
  return processExists(other.pid) ? 'unknown' : 'dead'; // this process too: its thread may have ended, or its pid be in use again
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Returns the identity of the thread that calls. It reads its own numbers, because a synchronous call runs on the thread that makes it. */
function thisThread(): ThreadIdentity | undefined {
  const name = orAbsent(() => readlinkSync('/proc/thread-self')); // '<pid>/task/<id>'
  if (name === undefined) return undefined;
  const found = statOf(`/proc/${name}`);
  return found && { id: Number(basename(name)), startedTicks: found.startedTicks };
}

/** Returns whether a thread of a process that runs has not ended. */
function threadRuns(pid: number, { id, startedTicks }: ThreadIdentity): boolean {
  const found = statOf(`/proc/${pid}/task/${id}`);
  return found !== undefined && !/[ZX]/.test(found.state) && found.startedTicks === startedTicks;
}

/**
 * Returns when a process started, in clock ticks since the boot, or `undefined` if it does not run. A zombie whose other threads
 * still run counts as running.
 */
function startedTicksOf(pid: number): string | undefined {
  const found = statOf(`/proc/${pid}`);
  return found?.state === 'Z' && threadsOf(pid) <= 1 ? undefined : found?.startedTicks;
}

/** Reads fields 3 and 22 of `stat` in proc(5), whose second field may contain spaces and brackets. */
function statOf(folder: string): { readonly state: string; readonly startedTicks: string } | undefined {
  const stat = orAbsent(() => readFileSync(`${folder}/stat`, 'utf8'));
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state] = fields;
  const startedTicks = fields[19];
  return state === undefined || startedTicks === undefined ? undefined : { state, startedTicks };
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
