import type { Readable } from 'node:stream';

/** When to give up on a stream. */
export interface Watch {
  /** The longest wait for a chunk. The time that the reader takes for one does not count. */
  readonly idleTimeoutMs: number;
  /** Called after so long a wait; it is to destroy the stream. */
  readonly idle: () => void;
  /** Destroys the stream with its reason. */
  readonly signal: AbortSignal | undefined;
}

/** The chunks of a stream, which is destroyed with the loop over them. One timer for all: chunks are many and small. */
export async function* watched(stream: Readable, { idleTimeoutMs, idle, signal }: Watch): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  let waiting = true;
  const timer = setTimeout(() => (waiting ? idle() : timer.refresh()), idleTimeoutMs);
  const abort = () => stream.destroy(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
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
    signal?.removeEventListener('abort', abort);
  }
}
