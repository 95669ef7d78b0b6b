import { orAborted } from '@ceres/internal';
import { type RetryOptions, retry } from './retry';

/**
 * Yields what a stream yields, and reopens it where it breaks. `open` is called again after each break, and returns a
 * stream of what has not been yielded yet. Reads `count` values at a time, for which the limits of `options` hold: any
 * progress starts them over.
 */
export async function* resumed<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  count: number,
  options: RetryOptions,
): AsyncGenerator<T> {
  const source = new Source(open, count);
  try {
    for (;;) {
      const values = await retry((signal) => source.next(signal), options);
      if (values.length === 0) return;
      yield* values;
    }
  } finally {
    source.stop();
  }
}

/** The stream that is open, if one is. */
class Source<T> {
  readonly #open: (signal: AbortSignal) => AsyncIterable<T>;
  readonly #count: number;
  #iterator: AsyncIterator<T> | undefined;
  #abort = new AbortController();
  /** Why the stream broke after the values that the last call returned. */
  #failure: Failure | undefined;

  constructor(open: (signal: AbortSignal) => AsyncIterable<T>, count: number) {
    this.#open = open;
    this.#count = count;
  }

  /** Returns the next values, or none at the end. After it has thrown, the next call opens a new stream. */
  async next(signal: AbortSignal): Promise<readonly T[]> {
    try {
      if (this.#failure !== undefined) throw this.#failure.error;
      this.#iterator ??= this.#start();
      const { values, failure } = await orAborted(readSome(this.#iterator, this.#count), signal);
      if (failure !== undefined && values.length === 0) throw failure.error;
      this.#failure = failure;
      return values;
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
    this.#failure = undefined;
  }

  #start(): AsyncIterator<T> {
    this.#abort = new AbortController();
    return this.#open(this.#abort.signal)[Symbol.asyncIterator]();
  }
}

interface Failure {
  readonly error: unknown;
}

/** Reads at most `count` values. Fewer are the last ones, or those before the failure. */
async function readSome<T>(
  iterator: AsyncIterator<T>,
  count: number,
): Promise<{ readonly values: readonly T[]; readonly failure?: Failure }> {
  const values: T[] = [];
  try {
    while (values.length < count) {
      const next = await iterator.next();
      if (next.done) break;
      values.push(next.value);
    }
    return { values };
  } catch (error) {
    return { values, failure: { error } };
  }
}
