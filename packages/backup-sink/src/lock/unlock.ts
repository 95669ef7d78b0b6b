import { join } from 'node:path';
import { ifExists, nodeFileSystem, thisProcess } from '@ceres/internal';
import { SinkError, unwritable } from '../errors';
import { ownFolder } from '../spool/layout';
import { knownFormat } from '../spool/own-folder';
import { acquireLock, defaultLockTimes } from './acquire-lock';
import { diskKindOf } from './disk-kind';
import { LockFiles, type Owner } from './lock-files';
import { hasStoppedRenewing, livenessOfOwner } from './owner';
import type { LockTimes } from './spool-lock';

/**
 * Says what is known of the process that owns a spool.
 *
 * - `running`: it is seen to run on this host.
 * - `ended`: it has certainly ended; the next sink takes the spool over by itself.
 * - `renewing`: it cannot be seen from here, and renewed its lease while it was watched, so it runs.
 * - `silent`: it cannot be seen from here, and did not renew its lease while it was watched.
 */
type OwnerState = 'running' | 'ended' | 'renewing' | 'silent';

/** The owner of a spool, and what is known of it. */
export interface SpoolOwner {
  /** A random word for this ownership. Another owner has another one, even in the same process. */
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  /** The time, in ms since the epoch, when it took the spool, by its own clock. */
  readonly sinceMs: number;
  readonly state: OwnerState;
}

/** Who owns a spool. */
export interface SpoolLockReport {
  /** `undefined` if the spool is free. */
  readonly owner: SpoolOwner | undefined;
  /** The name of the file system that the spool is on, such as `ext4` or `NFS`; `unknown` if it has none here. */
  readonly fileSystem: string;
  /** False if other hosts may have the file system mounted, too. */
  readonly isLocal: boolean;
}

/** How to look at a lock. */
interface InspectLockOptions {
  /** Stops watching. */
  readonly signal?: AbortSignal;
  /** The lock's times, for tests. */
  readonly times?: LockTimes;
}

/**
 * Looks who owns a spool, and changes nothing. An owner that cannot be seen from here is watched for 8 s.
 *
 * @throws SinkError `INVALID_OPTIONS` if there is no spool, `SPOOL_NEWER`, `SPOOL_UNWRITABLE`; the signal's reason
 */
export async function inspectLock(
  spoolDir: string,
  { signal, times = defaultLockTimes }: InspectLockOptions = {},
): Promise<SpoolLockReport> {
  const folder = join(spoolDir, ownFolder);
  try {
    await assertSpool(spoolDir, folder);
    const disk = await diskKindOf(nodeFileSystem, folder);
    const files = new LockFiles(nodeFileSystem, folder);
    const owner = await files.readOwner(await files.newestGeneration());
    const found = { fileSystem: disk.name, isLocal: disk.isLocal };
    if (typeof owner === 'string') return { ...found, owner: undefined };
    const { token, host, pid, sinceMs } = owner;
    const state = await stateOf(files, owner, times, signal);
    return { ...found, owner: { token, host, pid, sinceMs, state } };
  } catch (error) {
    signal?.throwIfAborted();
    throw unwritable(spoolDir, error);
  }
}

/**
 * Takes a spool from an owner, and leaves it free. It does what a new sink does that takes a spool over: the owner, if it lives, finds
 * a higher generation and stops before its next ack, and the spool is free only after the longest time for which it may not look.
 *
 * @param token the owner's; another owner that came in between is not displaced
 * @throws SinkError `SPOOL_LOCKED` if another owner came in between, `SPOOL_UNWRITABLE`
 */
export async function unlockSpool(
  spoolDir: string,
  token: string,
  { times = defaultLockTimes }: { readonly times?: LockTimes } = {},
): Promise<void> {
  try {
    const folder = join(spoolDir, ownFolder);
    const lock = await acquireLock(nodeFileSystem, folder, () => undefined, { displace: token, times });
    await lock.release();
  } catch (error) {
    throw unwritable(spoolDir, error);
  }
}

async function assertSpool(spoolDir: string, folder: string): Promise<void> {
  const names = await ifExists(nodeFileSystem.readdir(folder));
  if (names === undefined) {
    const message = `Expected \`spoolDir\` to be the spool of a sink, but ${spoolDir} has no folder ${ownFolder}.`;
    throw new SinkError('INVALID_OPTIONS', message);
  }
  knownFormat(spoolDir, names);
}

async function stateOf(files: LockFiles, owner: Owner, times: LockTimes, signal?: AbortSignal): Promise<OwnerState> {
  const self: Owner = { token: '', sinceMs: 0, ...thisProcess() };
  const liveness = await livenessOfOwner(owner, self, files.folder);
  if (liveness === 'alive') return 'running';
  if (liveness === 'dead') return 'ended';
  return (await hasStoppedRenewing(files, owner, times, signal)) ? 'silent' : 'renewing';
}
