/** Longer timers fire at once in Node. */
const timerMsMax = 2 ** 31 - 1;

/** Settles as `work` does, or rejects with the signal's reason as soon as it aborts; `work` is then nobody's any more. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** A limit on the time that work may take. */
export interface Deadline {
  /** `Infinity` is no limit. */
  readonly ms: number;
  /** The error to abort with when it passes. */
  readonly error: () => Error;
  /** Aborts the work as well, with its own reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` under a signal of its own, which aborts at the deadline or with the caller's signal. Settles then at
 * once, even if `work` ignores its signal.
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { ms, error, signal: outer } = deadline;
  outer?.throwIfAborted();
  // Not AbortSignal.any(): in Node 20 what it makes lives as long as the caller's signal, which may be the process's.
  const controller = new AbortController();
  const onAbort = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', onAbort, { once: true });
  const timer = ms < Infinity ? setTimeout(() => controller.abort(error()), Math.min(ms, timerMsMax)) : undefined;
  try {
    return await orAborted(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAbort);
  }
}

/** The values of `source`; stops waiting for the next, and closes the source, as soon as the signal aborts. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  signal?.throwIfAborted();
  const iterator = source[Symbol.asyncIterator]();
  let waiting = false;
  let done = false;
  try {
    for (;;) {
      waiting = true;
      const next = await orAborted(iterator.next(), signal);
      waiting = false;
      if (next.done) {
        done = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!done) {
      const closed = iterator.return?.();
      // A source that hangs, or failed, in next() may never answer return() either: it is told, not waited for.
      if (waiting) closed?.then(undefined, () => undefined);
      else await closed;
    }
  }
}
