import { errnoOf, withDeadline } from '@ceres/internal';
import { type Clock, type ObjectBody, type ObjectWriter, retry, StorageError } from '@ceres/storage';
import { asError, SinkError, unwritable } from '../errors';
import type { Slots } from '../scheduling/slots';
import { parkedError } from '../spool/files/backlog';
import { renameFile } from '../spool/files/move-file';
import { FileGone } from '../spool/files/relocate';
import type { SpoolFile } from '../spool/files/spool-file';
import { objectKey } from '../spool/layout';
import { sameMomentName } from '../spool/names';
import type { SpoolWork } from '../spool/spool-work';

/** What uploading needs. */
export interface Uploading extends SpoolWork {
  readonly storage: ObjectWriter;
  /** Limits how many files are put at once; a failed attempt keeps its slot for the pause that follows it. */
  readonly uploads: Slots;
}

/**
 * The time that one put may take. Storages have shorter limits of their own (Google's: 2 min); this one is for a storage that never
 * settles, and leaves 1 GiB enough time at 10 Mbit/s.
 */
const attemptMsMax = 900_000;

function unanswered(key: string): StorageError {
  const message = `Putting ${key} failed: the storage has not answered for ${attemptMsMax / 60_000} minutes.`;
  return new StorageError('UNAVAILABLE', message, { key });
}

/** The file is stored under this key, by this attempt or an earlier one. */
interface Stored {
  readonly key: string;
  readonly isCreated: boolean;
}

/** The place of the file in the storage, or why the storage will not take it. */
export type UploadOutcome = { readonly stored: Stored } | { readonly refused: SinkError };

/**
 * The last stage: puts a file until the storage has it, or refuses it for good.
 *
 * That a put is about to be tried is written into the file's name first, or was when the file got its name. From then on, `exists` means that an earlier attempt
 * arrived whose reply was lost. On the very first attempt it means that the name is taken by another file, such as that of the
 * sink this spool was cloned from: ours gets another name of the same millisecond, which keeps its place in the order.
 *
 * A storage in trouble is spared: a slot is kept through the pause after a failed attempt, so that many waiting files do not mean
 * more requests. Then the next file in line gets the slot, so that files which always fail do not keep the others waiting.
 */
export class Uploader {
  readonly #work: Uploading;

  constructor(work: Uploading) {
    this.#work = work;
  }

  /** @throws FileGone; SinkError `SPOOL_LOCKED`; the signal's reason */
  async upload(file: SpoolFile, body: ObjectBody): Promise<UploadOutcome> {
    const { clock, signal, uploads, reporter } = this.#work;
    const onRetry = (error: unknown, attempt: number, delayMs: number) =>
      reporter.emit('retry', { path: file.path, error: asError(error), attempt, delayMs });
    let release = () => {};
    const attempt = async (limited: AbortSignal) => {
      release = await uploads.acquire();
      limited.throwIfAborted(); // retry() has given up: no slot is needed then
      return await this.#put(file, body, limited);
    };
    const pausing: Clock = {
      now: () => clock.now(),
      sleep: (ms, limited) => clock.sleep(ms, limited).finally(release),
    };
    try {
      return { stored: await retry(attempt, { attemptsMax: Infinity, clock: pausing, signal, onRetry }) };
    } catch (error) {
      if (error instanceof SinkError || signal.aborted) throw error;
      return { refused: parkedError(file, error) };
    } finally {
      release();
    }
  }

  /** Makes one attempt; resolves with the key that holds the file. */
  async #put(file: SpoolFile, body: ObjectBody, signal: AbortSignal): Promise<Stored> {
    const { disk, lock, reporter } = this.#work;
    for (;;) {
      await inSpool(file, () => lock.assertHeld());
      const isFirst = !file.tried;
      if (isFirst) await this.#recordAttempt(file);
      const key = objectKey(file.partition, file.id);
      const outcome = await this.#putOnce(file, key, body, signal);
      if (outcome === 'created' || !isFirst) return { key, isCreated: outcome === 'created' };
      signal.throwIfAborted();
      file.refuseName(); // even if the rename fails: what the storage has is still not ours
      const id = file.nextId ?? sameMomentName(file.id);
      try {
        await inSpool(file, () => renameFile(disk, file, { id, tried: false }));
      } catch (error) {
        await this.#throwIfGone(file);
        throw error;
      }
      reporter.emit('renamed', { takenKey: key, path: file.path });
    }
  }

  /** A disk that cannot record the attempt does not keep the file from the storage: after a crash it would be stored twice, no worse. */
  async #recordAttempt(file: SpoolFile): Promise<void> {
    try {
      if (!file.isMarkedTried) await renameFile(this.#work.disk, file, { id: file.id, tried: true });
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') this.#work.reporter.failed(error, file.path); // the body looks for a missing file
    }
    file.beginPut();
  }

  async #putOnce(file: SpoolFile, key: string, body: ObjectBody, signal: AbortSignal): Promise<'created' | 'exists'> {
    try {
      return await withDeadline({ ms: attemptMsMax, error: () => unanswered(key), signal }, (limited) =>
        this.#work.storage.put(key, body, { signal: limited }),
      );
    } catch (error) {
      signal.throwIfAborted();
      await this.#throwIfGone(file);
      if (error instanceof Error && 'retryable' in error) throw error;
      // Not a storage's error: the spool could not be read, or an adapter has a bug. Lines are not given up for that.
      throw new StorageError('UNAVAILABLE', `Putting ${key} failed: ${asError(error).message}`, { key, cause: error });
    }
  }

  async #throwIfGone(file: SpoolFile): Promise<void> {
    if (!file.isMissing) return;
    await inSpool(file, () => this.#work.lock.assertHeld()); // otherwise the file is where another sink put it
    throw new FileGone(file.path);
  }
}

/** Makes a fault of the spool's disk one that is retried: it passes, or is fixed, and is not a refusal by the storage. */
async function inSpool(file: SpoolFile, call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    throw unwritable(file.path, error);
  }
}
