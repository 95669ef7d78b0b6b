import type { Readable } from 'node:stream';
import { listen } from '@ceres/internal';

/** When to give up on a stream. */
export interface Watch {
  /** The longest wait for a chunk. The time that the reader spends on one does not count. */
  readonly idleTimeoutMs: number;
  /** Called after such a wait. It must destroy the stream. */
  readonly idle: () => void;
  /** Destroys the stream with the signal's reason. */
  readonly signal: AbortSignal | undefined;
}

/** Yields the chunks of a stream, which is destroyed when the loop over them ends. All share one timer: chunks are many and small. */
export async function* watched(stream: Readable, { idleTimeoutMs, idle, signal }: Watch): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  let waiting = true;
  const timer = setTimeout(() => (waiting ? idle() : timer.refresh()), idleTimeoutMs);
  const unlisten = signal && listen(signal, () => stream.destroy(signal.reason));
  try {
    for await (const chunk of stream) {
      waiting = false;
      yield chunk;
      signal?.throwIfAborted();
      waiting = true;
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
    unlisten?.();
  }
}
