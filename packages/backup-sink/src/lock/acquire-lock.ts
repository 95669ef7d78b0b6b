import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { errnoOf, thisProcess } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { SinkError } from '../errors';
import { diskKindOf } from './disk-kind';
import { type Place, placeOf } from './held-here';
import { LockFiles, type Owner } from './lock-files';
import { hasStoppedRenewing, isSameProcess, livenessOfOwner, nameOwner } from './owner';
import { type LockTimes, SpoolLock } from './spool-lock';

export const defaultLockTimes: LockTimes = { renewalMs: 1_000, leaseMs: 2_500, staleMs: 8_000 };

/** Whom a lock may be taken from, beside an owner that is certainly gone, and the lock's times. */
export interface AcquireOptions {
  /** The host of an owner that cannot be seen, on a file system that is not local. It must have stopped renewing its lease. */
  readonly takeover?: string | undefined;
  /** The token of an owner that is displaced in any case, because a person asked for that: it notices, and stops before its next ack. */
  readonly displace?: string;
  readonly times?: LockTimes;
}

/**
 * Takes the ownership of a spool, or refuses and names the owner.
 *
 * Node has no flock, and a unix socket in the spool breaks tools that copy it. So ownership is the highest
 * `lock-<generation>` file. A new one is made by `link`, which succeeds for only one of any number of rivals: a process that found the
 * owner of generation 5 dead can only make 6, and the highest is never removed, so rivals cannot undo each other's.
 *
 * - **SIGKILL, pid reuse, pid 1 in every container, a terminated worker thread**: an owner is a thread of a process of a boot, not a
 *   pid; /proc says at once that it is gone.
 * - **Reboot, recreated container, another host name**: the old process cannot be seen. Another boot says nothing: every other host
 *   that runs has another one. So the owner's counter of lease renewals is watched, for `staleMs`, and the lock is taken if it stands
 *   still. That is done only on a local file system, which no other host has mounted.
 * - **A file system that hosts may share**, or an unknown one: refused by name, unless `takeover` names the owner's host. A person must decide.
 * - **Suspended, then resumed**: on the same host the owner is alive, and the lock is refused. Where only renewals show life, it
 *   may be taken for dead. Then the new owner publishes its generation first, and waits for `leaseMs` before it reads a
 *   single file. When the old owner wakes, its lease is over: it looks, sees the higher generation and stops before it acks;
 *   what it acked before is on the disk by the time the new owner reads. A new owner that is killed while it waits leaves its
 *   wait to the next one.
 * - **A copy of a spool** does not belong to the original's owner if that owner is known, because it is in this process. Otherwise
 *   it is refused.
 * - **A volume that goes away**: the owner no longer finds its folder, or finds one on another device, and stops.
 * - **An injected `fs`** that is not on this host's disks can only have an owner in this process.
 *
 * @throws SinkError `SPOOL_LOCKED`; the file system's error
 */
export async function acquireLock(
  fs: FileSystem,
  folder: string,
  onLost: (error: SinkError) => void,
  options: AcquireOptions = {},
): Promise<SpoolLock> {
  const { times = defaultLockTimes } = options;
  const files = new LockFiles(fs, folder);
  const self: Owner = { token: randomUUID(), sinceMs: Date.now(), ...thisProcess() };
  let wasLinked = false;
  let isAcquired = false;
  try {
    const claim = await files.writeClaim(self.token, self);
    const place = await placeOf(fs, claim, JSON.stringify(self));
    for (;;) {
      const newest = await files.newestGeneration();
      const before = await files.readOwner(newest);
      const isCertain = await isCertainlyGone({ fs, files, self, place }, before, options);
      if (!isCertain) await files.writeClaim(self.token, { ...self, displacing: true });
      if (!(await files.linkClaim(self.token, newest + 1))) continue; // a rival was faster: look at it
      wasLinked = true;
      if (!isCertain) await pause(times.leaseMs);
      const lock = new SpoolLock(
        files,
        { token: self.token, generation: newest + 1, place },
        times,
        (error) => isAcquired && onLost(error),
      );
      await lock.start();
      if (lock.isLost) continue; // another owner came and went while this one looked
      isAcquired = true;
      await tidy(() => files.removeOlder(newest + 1, typeof before === 'string' ? undefined : before.token));
      return lock;
    }
  } finally {
    await tidy(() => files.removeClaim(self.token, { wasLinked }));
  }
}

/** Removes leftovers. What the disk does not let go does no harm, and the next owner removes it. */
async function tidy(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

/** Who looks for an owner, and where. */
interface Sight {
  readonly fs: FileSystem;
  readonly files: LockFiles;
  readonly self: Owner;
  readonly place: Place;
}

/**
 * Resolves with `true` if the owner is certainly gone, and with `false` if the process that had the lock before may be sure of it for one more lease.
 *
 * @throws SinkError `SPOOL_LOCKED`
 */
async function isCertainlyGone(
  { fs, files, self, place }: Sight,
  owner: Owner | 'nobody' | 'unclear',
  { takeover, displace, times = defaultLockTimes }: AcquireOptions,
): Promise<boolean> {
  if (owner === 'nobody') return true;
  if (owner === 'unclear') return typeof place !== 'string'; // no other process can reach an injected file system
  const liveness = await livenessOfOwner(owner, self, place);
  if (liveness === 'dead') return !(await diedWaiting(files, owner));
  if (owner.token === displace) return false;
  const refuse = (advice: string) =>
    new SinkError('SPOOL_LOCKED', `The spool of ${files.folder} is owned by ${nameOwner(owner)}. ${advice}`);
  if (liveness === 'alive') throw refuse('Close that sink, or give this one another spoolDir.');

  const disk = await diskKindOf(fs, files.folder);
  if (!disk.isLocal && owner.host !== takeover && !isSameProcess(owner, self)) {
    const unseen = `That process cannot be seen from here, and other hosts may share this file system (type: ${disk.name}).`;
    const unlock = `open the sink with \`takeover: '${owner.host}'\`, or run: ceres unlock ${dirname(files.folder)}`;
    throw refuse(`${unseen} Make sure that it is gone for good; then ${unlock}`);
  }
  if (await hasStoppedRenewing(files, owner, times)) return false;
  throw refuse('That process still renews its lease. Stop it, or give this sink another spoolDir.');
}

/** Says whether an owner ended while it waited for the end of the lease of the one that it displaced. Its first renewal came after that. */
async function diedWaiting(files: LockFiles, { displacing, token }: Owner): Promise<boolean> {
  return displacing === true && (await files.readRenewals(token)) === undefined;
}
