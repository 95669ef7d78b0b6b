import { orAborted } from './abort';
import type { ObjectReader } from './contract';
import { type RetryOptions, retry } from './retry';

/**
 * An object's bytes, whole. Where a `get` breaks it is taken up again at the next byte, which is sound because objects
 * never change. The limits of `options` hold for each wait for bytes: progress begins them anew.
 *
 * @throws StorageError as `ObjectReader.get`, once retrying has not helped
 */
export async function* readObject(
  reader: ObjectReader,
  key: string,
  options: RetryOptions = {},
): AsyncGenerator<Uint8Array> {
  const download = new Download(reader, key);
  try {
    for (;;) {
      const chunk = await retry((signal) => download.next(signal), options);
      if (chunk === undefined) return;
      yield chunk;
    }
  } finally {
    download.stop();
  }
}

/** The place reached in an object, and the `get` that goes on from there, if one is open. */
class Download {
  readonly #reader: ObjectReader;
  readonly #key: string;
  #position = 0;
  #stream: AsyncIterator<Uint8Array> | undefined;
  #abort = new AbortController();

  constructor(reader: ObjectReader, key: string) {
    this.#reader = reader;
    this.#key = key;
  }

  /** The next bytes; `undefined` after the last. After an error the next call opens a new `get`. */
  async next(signal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      this.#stream ??= this.#open();
      const next = await orAborted(this.#stream.next(), signal);
      if (next.done) return undefined;
      this.#position += next.value.byteLength;
      return next.value;
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop(): void {
    this.#abort.abort();
    // Not waited for: a stream that hangs in next() does not answer return(). The abort has told it already.
    this.#stream?.return?.().then(undefined, () => undefined);
    this.#stream = undefined;
  }

  #open(): AsyncIterator<Uint8Array> {
    this.#abort = new AbortController();
    const bytes = this.#reader.get(this.#key, { start: this.#position, signal: this.#abort.signal });
    return bytes[Symbol.asyncIterator]();
  }
}
