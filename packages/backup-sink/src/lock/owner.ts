import { setTimeout as pause } from 'node:timers/promises';
import { type Liveness, livenessOf } from '@ceres/internal';
import { heldHere, type Place } from './held-here';
import type { LockFiles, Owner } from './lock-files';
import type { LockTimes } from './spool-lock';

/** How often, and how many ms apart, a thread that seems to run is looked for again: the kernel shows one a moment longer than it runs. */
const threadLooks = { count: 5, pauseMs: 20 };

/** Says whether the owner of a lock still runs, as far as it can be seen from here at once. */
export async function livenessOfOwner(owner: Owner, self: Owner, place: Place): Promise<Liveness> {
  const here = heldHere(owner.token, place);
  if (here === 'held') return 'alive';
  if (here === 'left' || here === 'copied' || typeof place !== 'string') return 'dead';
  let liveness = livenessOf(owner, self);
  const isOtherThread = owner.pid === self.pid && owner.thread?.id !== self.thread?.id;
  for (let looks = 0; liveness === 'alive' && isOtherThread && looks < threadLooks.count; looks += 1) {
    await pause(threadLooks.pauseMs);
    liveness = livenessOf(owner, self);
  }
  return liveness;
}

/** Says whether two owners are of one process where nothing but the pid tells. A process sees its own renewals on any file system. */
export function isSameProcess(owner: Owner, self: Owner): boolean {
  return owner.bootId === undefined && self.bootId === undefined && owner.host === self.host && owner.pid === self.pid;
}

/**
 * Watches an owner's lease for `staleMs`, and resolves with `true` if it was not renewed. It counts looks and asks no clock: a
 * clock that is set forward does not end a lease, and neither does a host that stands still together with the owner.
 */
export async function hasStoppedRenewing(
  files: LockFiles,
  { token }: Owner,
  times: LockTimes,
  signal?: AbortSignal,
): Promise<boolean> {
  const before = await files.readRenewals(token);
  for (let waitedMs = 0; waitedMs < times.staleMs; waitedMs += times.renewalMs) {
    await pause(times.renewalMs, undefined, signal && { signal });
    if ((await files.readRenewals(token)) !== before) return false;
  }
  return true;
}

/** Names an owner for a person. */
export function nameOwner({ pid, thread, host, sinceMs }: Owner): string {
  const inThread = thread === undefined || thread.id === pid ? '' : `thread ${thread.id} of `;
  return `${inThread}pid ${pid} on host ${host}, since ${new Date(sinceMs).toISOString()}`;
}
