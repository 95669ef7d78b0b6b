import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { errnoOf, type Liveness, livenessOf, thisProcess } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { SinkError } from '../errors';
import { heldHere, type Place, placeOf } from './held-here';
import { LockFiles, type Owner } from './lock-files';
import { type LockTimes, SpoolLock } from './spool-lock';

const defaultLockTimes: LockTimes = { renewalMs: 1_000, leaseMs: 2_500, staleMs: 8_000 };

/**
 * Takes the ownership of a spool, or refuses and names the owner.
 *
 * Node has no flock, and a unix socket in the spool breaks tools that copy it. So ownership is the highest
 * `lock-<generation>` file. A new one is made by `link`, which succeeds for only one of any number of rivals: a process that found the
 * owner of generation 5 dead can only make 6, and the highest is never removed, so rivals cannot undo each other's.
 *
 * - **SIGKILL, pid reuse, pid 1 in every container**: an owner is a process of a boot, not a pid; /proc says at once that it is
 *   gone.
 * - **Reboot, recreated container**: the old process cannot be seen, so its counter of lease renewals is watched, for `staleMs`.
 * - **Suspended, then resumed**: on the same host the owner is alive, and the lock is refused. Where only renewals show life, it
 *   may be taken for dead. Then the new owner publishes its generation first, and waits for `leaseMs` before it reads a
 *   single file. When the old owner wakes, its lease is over: it looks, sees the higher generation and stops before it acks;
 *   what it acked before is on the disk by the time the new owner reads.
 * - **Another host**: always refused by name; a person must decide.
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
  times: LockTimes = defaultLockTimes,
): Promise<SpoolLock> {
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
      const isCertain = await isCertainlyGone(files, before, self, place, times);
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

/**
 * Resolves with `false` if whoever had the lock before may still be sure of it for a lease.
 *
 * @throws SinkError `SPOOL_LOCKED`
 */
async function isCertainlyGone(
  files: LockFiles,
  before: Owner | 'nobody' | 'unclear',
  self: Owner,
  place: Place,
  times: LockTimes,
): Promise<boolean> {
  if (before === 'nobody') return true;
  if (before === 'unclear') return typeof place !== 'string'; // no other process can reach an injected file system
  return await assertGone(files, before, livenessOfOwner(before, self, place), times);
}

function livenessOfOwner(owner: Owner, self: Owner, place: Place): Liveness {
  const here = heldHere(owner.token, place);
  if (here === 'held') return 'alive';
  if (here === 'copied' || typeof place !== 'string') return 'dead';
  return livenessOf(owner, self);
}

/**
 * Resolves with `true` if the owner is certainly gone, with `false` if that follows only from a counter that stands still.
 *
 * @throws SinkError `SPOOL_LOCKED`
 */
async function assertGone(files: LockFiles, owner: Owner, liveness: Liveness, times: LockTimes): Promise<boolean> {
  if (liveness === 'dead') return true;
  if (liveness === 'unknown' && (await hasStoppedRenewing(files, owner, times))) return false;
  const who = `pid ${owner.pid} on host ${owner.host}, since ${new Date(owner.sinceMs).toISOString()}`;
  const advice =
    liveness === 'elsewhere'
      ? `If that host is gone for good, or this is a copy of its disk, remove the lock-* files in ${files.folder}.`
      : 'Close that sink, or give this one another spoolDir.';
  throw new SinkError('SPOOL_LOCKED', `The spool of ${files.folder} is owned by ${who}. ${advice}`);
}

async function hasStoppedRenewing(files: LockFiles, { token }: Owner, times: LockTimes): Promise<boolean> {
  const before = await files.readRenewals(token);
  for (let waitedMs = 0; waitedMs < times.staleMs; waitedMs += times.renewalMs) {
    await pause(times.renewalMs);
    if ((await files.readRenewals(token)) !== before) return false;
  }
  return true;
}
