import { type Owner, startedTicksOf } from './owner';

/**
 * Whether the owner that a lock file names can still write to the spool.
 *
 * - `dead`: for certain.
 * - `alive`: for certain; also if it is suspended.
 * - `elsewhere`: on another host, of which nothing can be known from here.
 * - `unknown`: only its heartbeat can tell.
 */
export type Verdict = 'dead' | 'alive' | 'elsewhere' | 'unknown';

/**
 * - Same boot and same pid namespace: /proc shows whether that very process, by pid and start time, is there. (The number
 *   of a namespace may be reused once its container is gone: the start time still differs.)
 * - Same boot, another pid namespace: another container, or this one made anew. Its processes cannot be seen.
 * - Another boot, same host name: mostly this host after a reboot, but a pod with a fixed name may run twice while its old
 *   node is cut off. So the heartbeat is asked.
 * - Another host name and another boot: another host.
 */
export function judge(owner: Owner, self: Owner): Verdict {
  if (owner.bootId === undefined || self.bootId === undefined) return judgeWithoutProc(owner, self);
  if (owner.bootId !== self.bootId) return owner.host === self.host ? 'unknown' : 'elsewhere';
  if (owner.pidNamespace === undefined || owner.pidNamespace !== self.pidNamespace) return 'unknown';
  return owner.startedTicks !== undefined && startedTicksOf(owner.pid) === owner.startedTicks ? 'alive' : 'dead';
}

function judgeWithoutProc(owner: Owner, self: Owner): Verdict {
  if (owner.host !== self.host) return 'elsewhere';
  return owner.pid !== self.pid && processExists(owner.pid) ? 'unknown' : 'dead';
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
