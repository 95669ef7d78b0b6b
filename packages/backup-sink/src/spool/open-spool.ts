import { makeDirectoryDurable } from '@ceres/internal';
import type { Clock, FileSystem } from '@ceres/storage';
import type { SinkError } from '../errors';
import { unwritable } from '../errors';
import { acquireLock } from '../lock/acquire-lock';
import type { SpoolLock } from '../lock/spool-lock';
import { SpoolDirectories } from './disk/directories';
import type { SpoolFile } from './files/backlog';
import { NameIssuer } from './names';
import { OwnFolder } from './own-folder';
import { type RecoveryEvents, recoverSpool } from './recovery/recover-spool';

/** A spool that is ours, in order, and ready to be written to. */
export interface OpenSpool {
  readonly lock: SpoolLock;
  readonly own: OwnFolder;
  readonly directories: SpoolDirectories;
  readonly names: NameIssuer;
  /** What earlier runs left to be stored; some of it may have to be recovered yet. */
  readonly files: readonly SpoolFile[];
}

/** What happens to the spool as a whole. */
export interface SpoolEvents extends RecoveryEvents {
  /** Another sink took it over. */
  lost(error: SinkError): void;
}

/**
 * Makes or takes over the spool directory.
 *
 * @throws SinkError `SPOOL_LOCKED`, `SPOOL_NEWER`, `SPOOL_UNWRITABLE`
 */
export async function openSpool(
  { fs, clock, spoolDir }: { readonly fs: FileSystem; readonly clock: Clock; readonly spoolDir: string },
  events: SpoolEvents,
): Promise<OpenSpool> {
  try {
    await makeDirectoryDurable(fs, spoolDir);
    const directories = new SpoolDirectories(fs, spoolDir);
    const own = await OwnFolder.open({ fs, directories }, spoolDir);
    const lock = await acquireLock(fs, own.path, events.lost);
    try {
      await own.takeOver();
      const { files, lastNameMs } = await recoverSpool({ fs, directories }, spoolDir, clock.now(), events);
      // Now, too: a directory that could not be read may hold names up to now.
      const lastMs = Math.max(lastNameMs, own.lastNameMs, Math.floor(clock.now()));
      const names = new NameIssuer(lastMs, () => clock.now());
      return { lock, own, directories, names, files };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw unwritable(spoolDir, error);
  }
}
