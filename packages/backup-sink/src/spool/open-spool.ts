import { makeDirectoryDurable } from '@ceres/internal';
import type { Clock, FileSystem } from '@ceres/storage';
import { SinkError, unwritable } from '../errors';
import { acquireLock } from '../lock/acquire-lock';
import type { SpoolLock } from '../lock/spool-lock';
import type { Reporter } from '../report/reporter';
import { SpoolDirectories, type SpoolDisk } from './disk/directories';
import { Limits } from './disk/limits';
import { StallWatch } from './disk/stall-watch';
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

/** The time in which a working disk answers one call, or has one segment read (at most 1 GiB). */
const stallMs = 120_000;

/**
 * Makes or takes over the spool directory. `onLost` is called when another sink takes it over from this one.
 *
 * If the disk stops answering, this rejects after two minutes. Should it answer later, the spool is given back.
 *
 * @throws SinkError `SPOOL_LOCKED`, `SPOOL_NEWER`, `SPOOL_UNWRITABLE`
 */
export async function openSpool(
  place: SpoolPlace,
  reporter: Reporter,
  onLost: (error: SinkError) => void,
): Promise<OpenSpool> {
  const { spoolDir } = place;
  const watch = new StallWatch(stallMs);
  const opening = claimSpool(place, reporter, onLost, () => watch.answered());
  try {
    return await watch.over(opening);
  } catch (error) {
    if (!watch.hasStalled) throw unwritable(spoolDir, error);
    opening.then(({ lock }) => lock.release()).catch((late: unknown) => reporter.failed(late, spoolDir)); // open() has thrown already
    throw new SinkError(
      'SPOOL_UNWRITABLE',
      `The disk of ${spoolDir} has not answered for ${stallMs / 60_000} minutes. Check the disk, or its network, and open the sink again.`,
    );
  }
}

async function claimSpool(
  { fs, clock, spoolDir, takeover }: SpoolPlace,
  reporter: Reporter,
  onLost: (error: SinkError) => void,
  answered: () => void,
): Promise<OpenSpool> {
  const limits = new Limits(reporter, spoolDir);
  if (!(await makeDirectoryDurable(fs, spoolDir))) limits.lacks('fsync of directories');
  const disk: SpoolDisk = { fs, directories: new SpoolDirectories(fs, spoolDir, limits) };
  const own = await OwnFolder.open(disk, spoolDir);
  answered();
  const lock = await acquireLock(fs, own.path, onLost, { takeover });
  try {
    await own.takeOver();
    answered();
    const { files, lastNameMs } = await recoverSpool(disk, spoolDir, clock.now(), reporter, answered);
    // Not before now either: a directory that could not be read may hold names up to now.
    const lastMs = Math.max(lastNameMs, own.lastNameMs, Math.floor(clock.now()));
    const names = new NameIssuer(lastMs, () => clock.now());
    await own.keepReserve().catch((error: unknown) => reporter.failed(error, own.path));
    return { lock, own, disk, names, files };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
