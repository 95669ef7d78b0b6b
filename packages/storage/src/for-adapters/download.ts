import type { Readable } from 'node:stream';
import { withDeadline } from '@ceres/internal';
import { StorageError } from '../errors';
import type { Answer, FailedCall } from './answers';
import { watched } from './watched';

/** What a store has begun to send. */
export interface Download {
  readonly stream: Readable;
  /** How many bytes the store has announced. */
  readonly sizeBytes: number | undefined;
}

/** One read of an object, or of a range of it. */
export interface DownloadCall {
  /** The middle of a sentence, such as `read "a.gz" in s3://bucket`. */
  readonly what: string;
  readonly key: string;
  /** The longest wait for the answer, and for the next bytes. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly open: (signal: AbortSignal) => Promise<Download>;
  /** Says what a failure means. If it means `nothing`, the download has no bytes. */
  readonly explain: (failed: FailedCall) => Answer;
}

/**
 * Yields the bytes of a download. SDKs wait for bytes without end and do not count them, so both are done here.
 *
 * @throws StorageError as explained, or `UNAVAILABLE` if bytes are late or missing; the signal's reason
 */
export async function* download({
  what,
  key,
  idleTimeoutMs,
  signal,
  open,
  explain,
}: DownloadCall): AsyncGenerator<Uint8Array> {
  const unavailable = (why: string, cause?: unknown) =>
    new StorageError('UNAVAILABLE', `Cannot ${what}: ${why}.`, { key, cause });
  const silent = () => unavailable(`no bytes in ${idleTimeoutMs} ms`);
  let bytes = 0;
  let begun: Download | undefined;
  const ended = (cause?: unknown) => unavailable(`it ended after ${bytes} of ${begun?.sizeBytes} bytes`, cause);
  try {
    begun = await withDeadline({ ms: idleTimeoutMs, error: silent, signal }, open);
    const { stream } = begun;
    const idle = () => stream.destroy(silent());
    for await (const chunk of watched(stream, { idleTimeoutMs, idle, signal })) {
      bytes += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StorageError) throw error;
    if (begun !== undefined) throw ended(error);
    const { means, error: fault } = explain({ what, key, cause: error });
    if (means !== 'nothing') throw fault;
    return;
  }
  if (bytes !== begun.sizeBytes) throw ended();
}
