import { join } from 'node:path';
import type { Clock } from '@ceres/storage';
import { unwritable } from '../../errors';
import type { Slots } from '../../scheduling/slots';
import { retryOnDisk } from '../disk/retry-on-disk';
import type { Backlog, SpoolFile } from '../files/backlog';
import { FileGone, isNameOf, namesIn } from '../files/relocate';
import { parseSpoolFileName } from '../layout';
import { type FoundName, type RecoveredFacts, type RecoveryDisk, recoverFile } from './recover-spool';

/** What recovery needs while the sink runs. */
export interface LateRecoveryEnvironment extends RecoveryDisk {
  readonly clock: Clock;
  readonly backlog: Backlog;
  /** Few at once: that too many files were open may be what it failed for. */
  readonly recoveries: Slots;
  readonly signal: AbortSignal;
  /** Rejects once another sink took the spool over: the file is being recovered there. */
  assertOwned(): Promise<void>;
  failed(error: unknown, what: { readonly path: string }): void;
  damaged(path: string): void;
}

/**
 * Recovers a file that could not be recovered at open, trying for ever: what the disk refused may be mended. Resolves with whether the
 * file holds anything.
 *
 * @throws FileGone; SinkError `SPOOL_LOCKED`; the signal's reason
 */
export async function recoverLate(file: SpoolFile, shared: LateRecoveryEnvironment): Promise<boolean> {
  const { backlog, clock, recoveries, signal, failed } = shared;
  const attempt = async () => {
    try {
      signal.throwIfAborted();
      await shared.assertOwned();
      return await recoverAgain(file, shared);
    } catch (error) {
      throw unwritable(file.path, error);
    }
  };
  const onRetry = (error: unknown) => failed(error, { path: file.path });
  const recovered = await retryOnDisk(() => recoveries.run(attempt), { clock, signal, onRetry });
  if (recovered === undefined) return false;
  const { sizeBytes, ...facts } = recovered;
  backlog.resize(file, sizeBytes);
  Object.assign(file, facts);
  return true;
}

async function recoverAgain(file: SpoolFile, shared: LateRecoveryEnvironment): Promise<RecoveredFacts | undefined> {
  const { fs, failed, damaged } = shared;
  const { directory } = file.partition;
  const names: FoundName[] = [];
  for (const name of await namesIn(fs, directory)) {
    const parsed = parseSpoolFileName(name);
    if (parsed === undefined || parsed.kind === 'damaged' || !isNameOf(file, parsed.id)) continue;
    names.push({ ...parsed, path: join(directory, name) });
  }
  if (names.length === 0 && file.sizeBytes > 0) throw new FileGone(file.path);
  const events = {
    damaged,
    failed: (error: unknown, path: string) => failed(error, { path }),
    unknown: (_path: string) => undefined,
  };
  return await recoverFile(shared, file, names, events);
}
