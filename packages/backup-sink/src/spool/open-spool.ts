import { makeDirectoryDurable } from '@ceres/internal';
import type { Clock, FileSystem } from '@ceres/storage';
import type { SinkError } from '../errors';
import { unwritable } from '../errors';
import { acquireLock } from '../lock/acquire-lock';
import type { SpoolLock } from '../lock/spool-lock';
import type { Reporter } from '../report/reporter';
import { SpoolDirectories, type SpoolDisk } from './disk/directories';
import { Limits } from './disk/limits';
import type { SpoolFile } from './files/spool-file';
import { NameIssuer } from './names';
import { OwnFolder } from './own-folder';
import { recoverSpool } from './recovery/recover-spool';

/** The options that say where a spool is, and whom it may be taken from. */
export interface SpoolPlace {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly spoolDir: string;
  /** The host of an owner that may be displaced although it cannot be seen. */
  readonly takeover: string | undefined;
}

/** A spool that is ours, in order, and ready to be written to. */
export interface OpenSpool {
  readonly lock: SpoolLock;
  readonly own: OwnFolder;
  readonly disk: SpoolDisk;
  readonly names: NameIssuer;
  /** What earlier runs left to be stored; some of it may not be recovered yet. */
  readonly files: readonly SpoolFile[];
}

/**
 * Makes or takes over the spool directory. `onLost` is called when another sink takes it over from this one.
 *
 * @throws SinkError `SPOOL_LOCKED`, `SPOOL_NEWER`, `SPOOL_UNWRITABLE`
 */
export async function openSpool(
  { fs, clock, spoolDir, takeover }: SpoolPlace,
  reporter: Reporter,
  onLost: (error: SinkError) => void,
): Promise<OpenSpool> {
  try {
    const limits = new Limits(reporter, spoolDir);
    if (!(await makeDirectoryDurable(fs, spoolDir))) limits.lacks('fsync of directories');
    const disk: SpoolDisk = { fs, directories: new SpoolDirectories(fs, spoolDir, limits) };
    const own = await OwnFolder.open(disk, spoolDir);
    const lock = await acquireLock(fs, own.path, onLost, { takeover });
    try {
      await own.takeOver();
      const { files, lastNameMs } = await recoverSpool(disk, spoolDir, clock.now(), reporter);
      // Not before now either: a directory that could not be read may hold names up to now.
      const lastMs = Math.max(lastNameMs, own.lastNameMs, Math.floor(clock.now()));
      const names = new NameIssuer(lastMs, () => clock.now());
      await own.keepReserve().catch((error: unknown) => reporter.failed(error, own.path));
      return { lock, own, disk, names, files };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw unwritable(spoolDir, error);
  }
}
