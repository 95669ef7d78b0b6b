import { join } from 'node:path';
import { unwritable } from '../../errors';
import type { Slots } from '../../scheduling/slots';
import { retryOnDisk } from '../disk/retry-on-disk';
import type { FoundName, RecoveredFile } from '../files/file-changes';
import { FileGone, namesIn } from '../files/relocate';
import type { SpoolFile } from '../files/spool-file';
import { isDamage, parseSpoolFileName } from '../layout';
import type { SpoolWork } from '../spool-work';
import { recoverFile } from './recover-spool';

/** What recovery needs while the sink runs. */
export interface LateRecovery extends SpoolWork {
  /** Limits how many files are recovered at once: it may have failed because too many files were open. */
  readonly recoveries: Slots;
}

/**
 * Recovers a file that could not be recovered at open. It retries forever: what the disk refused may be fixed. Resolves with `false` if
 * the file turned out to hold nothing that was acked.
 *
 * @throws FileGone; SinkError `SPOOL_LOCKED`; the signal's reason
 */
export async function recoverLate(file: SpoolFile, work: LateRecovery): Promise<boolean> {
  const { signal, lock, recoveries, reporter } = work;
  const attempt = async () => {
    try {
      signal.throwIfAborted();
      await lock.assertHeld();
      return await recoverAgain(file, work);
    } catch (error) {
      throw unwritable(file.path, error);
    }
  };
  const onRetry = (error: unknown) => reporter.failed(error, file.path);
  const recovered = await retryOnDisk(() => recoveries.run(attempt), work, onRetry);
  if (recovered === undefined) return false;
  file.recover(recovered);
  return true;
}

async function recoverAgain(file: SpoolFile, { disk, reporter }: LateRecovery): Promise<RecoveredFile | undefined> {
  const { directory } = file.partition;
  const names: FoundName[] = [];
  for (const name of await namesIn(disk.fs, directory)) {
    const parsed = parseSpoolFileName(name);
    if (parsed === undefined || isDamage(parsed.kind) || !file.hasId(parsed.id)) continue;
    names.push({ ...parsed, path: join(directory, name) });
  }
  if (names.length === 0 && file.sizeBytes > 0) throw new FileGone(file.path);
  return await recoverFile(disk, file, names, reporter);
}
