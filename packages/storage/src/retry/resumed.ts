import { orAborted } from '@ceres/internal';
import { type RetryOptions, retry } from './retry';

/**
 * Yields what a stream yields, and reopens it where it breaks. `open` is called again after each break, and returns a
 * stream of what has not been yielded yet. The limits of `options` hold for each wait: any progress starts them over.
 */
export async function* resumed<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  options: RetryOptions,
): AsyncGenerator<T> {
  const source = new Source(open);
  try {
    for (;;) {
      const next = await retry((signal) => source.next(signal), options);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    source.stop();
  }
}

/** The stream that is open, if one is. */
class Source<T> {
  readonly #open: (signal: AbortSignal) => AsyncIterable<T>;
  #iterator: AsyncIterator<T> | undefined;
  #abort = new AbortController();

  constructor(open: (signal: AbortSignal) => AsyncIterable<T>) {
    this.#open = open;
  }

  /** Returns the next value. After an error, the next call opens a new stream. */
  async next(signal: AbortSignal): Promise<IteratorResult<T>> {
    try {
      this.#iterator ??= this.#start();
      return await orAborted(this.#iterator.next(), signal);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop(): void {
    this.#abort.abort();
    // Not awaited: a stream that hangs in next() does not answer return(). The signal has already ended it.
    this.#iterator?.return?.().then(undefined, () => undefined);
    this.#iterator = undefined;
  }

  #start(): AsyncIterator<T> {
    this.#abort = new AbortController();
    return this.#open(this.#abort.signal)[Symbol.asyncIterator]();
  }
}
