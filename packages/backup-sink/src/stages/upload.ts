import { errnoOf } from '@ceres/internal';
import { type Clock, type ObjectBody, type ObjectWriter, retry, StorageError } from '@ceres/storage';
import { asError, SinkError, unwritable } from '../errors';
import type { Slots } from '../scheduling/slots';
import { parkedError, type SpoolFile } from '../spool/files/backlog';
import { FileGone } from '../spool/files/relocate';
import { objectKey } from '../spool/layout';
import { sameMomentName } from '../spool/names';

/** What uploading needs of the sink. */
export interface UploadEnvironment {
  readonly clock: Clock;
  readonly storage: ObjectWriter;
  /** How many files are put at once; a failed attempt keeps its slot for the pause that follows it. */
  readonly uploads: Slots;
  readonly signal: AbortSignal;
  /** Rejects once another sink took the spool over. */
  assertOwned(): Promise<void>;
  /** Renames the file in the spool. */
  rename(file: SpoolFile, to: { readonly id: string; readonly tried: boolean }): Promise<void>;
  /** Told of a failed attempt; it is made again after the delay. */
  retrying(file: SpoolFile, error: Error, attempt: number, delayMs: number): void;
  /** Told of a fault of the spool that does not stop the upload. */
  failed(error: unknown, what: { readonly path: string }): void;
  /** Told that somebody else's file has this file's key; it goes under another. */
  taken(file: SpoolFile, key: string): void;
}

/** Where the file is now, or why the storage will not have it. */
export type UploadOutcome = { readonly stored: string } | { readonly refused: SinkError };

/**
 * Puts a file until the storage has it, or refuses it for good.
 *
 * That a put is about to be tried is written into the file's name first. Then `exists` means that an earlier attempt
 * arrived whose reply was lost. On the very first attempt it means a file of somebody else, such as the sink this spool
 * was cloned from: ours goes under another name of the same millisecond, which keeps its place in the order.
 *
 * A storage in trouble is spared: a slot is kept through the pause after a failed attempt, so that it is not asked more often because
 * many files wait. Then the next file in line has it, so that files which fail for ever do not keep the others waiting.
 *
 * @throws FileGone; SinkError `SPOOL_LOCKED`; the signal's reason
 */
export async function upload(file: SpoolFile, body: ObjectBody, shared: UploadEnvironment): Promise<UploadOutcome> {
  const { clock, signal, uploads } = shared;
  const onRetry = (error: unknown, attempt: number, delayMs: number) =>
    shared.retrying(file, asError(error), attempt, delayMs);
  let release = () => {};
  const attempt = async (limited: AbortSignal) => {
    release = await uploads.acquire();
    limited.throwIfAborted(); // nobody waits for this any more; no slot is needed then
    return await put(file, body, shared, limited);
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

/** One attempt; resolves with the key that holds the file. */
async function put(file: SpoolFile, body: ObjectBody, shared: UploadEnvironment, signal: AbortSignal): Promise<string> {
  for (;;) {
    await inSpool(file, () => shared.assertOwned());
    const isFirst = !file.tried;
    if (isFirst) await recordAttempt(file, shared);
    const key = objectKey(file.partition, file.id);
    const outcome = await putOnce(file, key, body, shared, signal);
    if (outcome === 'created' || !isFirst) return key;
    signal.throwIfAborted();
    file.tried = false; // even if the renaming fails: what is there is still not ours
    const id = file.nextId ?? sameMomentName(file.id);
    try {
      await inSpool(file, () => shared.rename(file, { id, tried: false }));
    } catch (error) {
      await throwIfGone(file, shared);
      throw error;
    }
    shared.taken(file, key);
  }
}

/** A disk that cannot record it does not keep the file from the storage: after a crash it would be stored twice, no worse. */
async function recordAttempt(file: SpoolFile, shared: UploadEnvironment): Promise<void> {
  try {
    await shared.rename(file, { id: file.id, tried: true });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') shared.failed(error, { path: file.path }); // a missing file is looked for by its body
  }
  file.tried = true;
}

/** A fault of the spool's disk passes, or is mended; it is no refusal by the storage. */
async function inSpool(file: SpoolFile, call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    throw unwritable(file.path, error);
  }
}

async function putOnce(file: SpoolFile, key: string, body: ObjectBody, shared: UploadEnvironment, signal: AbortSignal) {
  try {
    return await shared.storage.put(key, body, { signal });
  } catch (error) {
    signal.throwIfAborted();
    await throwIfGone(file, shared);
    if (error instanceof Error && 'retryable' in error) throw error;
    // Not a storage's error: the spool could not be read, or an adapter has a bug. Lines are not given up for that.
    throw new StorageError('UNAVAILABLE', `Putting ${key} failed: ${asError(error).message}`, { key, cause: error });
  }
}

async function throwIfGone(file: SpoolFile, { assertOwned }: UploadEnvironment): Promise<void> {
  if (!file.isGone) return;
  await inSpool(file, assertOwned); // else it is where another sink put it
  throw new FileGone(file.path);
}
