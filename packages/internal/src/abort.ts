/** The longest delay of a Node timer, in ms. A timer with a longer one fires at once. */
export const timerMsMax = 2 ** 31 - 1;

/** Settles as `work` does, or rejects with the signal's reason as soon as it aborts. What `work` does after that is ignored. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    const unlisten = listen(signal, onAbort);
    work.then(resolve, reject).finally(unlisten);
  });
}

/** A limit on the time that work may take. */
export interface Deadline {
  /** How long the work may take; `Infinity` is no limit. */
  readonly ms: number;
  /** Makes the error that the work is aborted with when the time is over. */
  readonly error: () => Error;
  /** Aborts the work as well, with its own reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that aborts when the deadline passes or when the caller's signal aborts. From that moment
 * it rejects at once, even if `work` ignores its signal.
 */
export async function withDeadline<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { ms, error, signal: outer } = deadline;
  outer?.throwIfAborted();
  // Not AbortSignal.any(): in Node 20 what it makes lives as long as the caller's signal, which may be the process's.
  const controller = new AbortController();
  const unlisten = outer && listen(outer, () => controller.abort(outer.reason));
  const timer = ms < Infinity ? setTimeout(() => controller.abort(error()), Math.min(ms, timerMsMax)) : undefined;
  try {
    return await orAborted(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
    unlisten?.();
  }
}

/** Yields what `source` yields. When the signal aborts, it stops waiting at once and closes the source. */
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
      // A source that hangs, or that failed, in next() may never answer return() either: do not wait for it.
      if (waiting) closed?.then(undefined, () => undefined);
      else await closed;
    }
  }
}

/**
 * Calls `onAbort` once when the signal aborts. Any number of calls may share a signal: Node walks over all listeners of a signal for each
 * one that is added or removed, so that thousands of them would take the square of the time.
 *
 * @returns a function that takes `onAbort` back
 */
export function listen(signal: AbortSignal, onAbort: () => void): () => void {
  const listener = listeners.get(signal) ?? new SharedListener(signal);
  return listener.add(onAbort);
}

const listeners = new WeakMap<AbortSignal, SharedListener>();

/** The one listener of a signal, for as long as somebody waits for it. */
class SharedListener {
  readonly #signal: AbortSignal;
  readonly #callbacks = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    listeners.set(signal, this);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  add(callback: () => void): () => void {
    const own = () => callback(); // The same function may be given twice.
    this.#callbacks.add(own);
    return () => {
      if (this.#callbacks.delete(own) && this.#callbacks.size === 0) this.#end();
    };
  }

  readonly #onAbort = (): void => {
    this.#end();
    for (const callback of this.#callbacks) callback();
  };

  #end(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (listeners.get(this.#signal) === this) listeners.delete(this.#signal);
  }
}
