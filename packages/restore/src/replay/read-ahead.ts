/** How much is read ahead of each file, compressed: enough to hide the latency of a storage. */
const aheadBytesMax = 1024 * 1024;

/** Starts to read a source before its consumer asks, up to a limit. */
export class ReadAhead implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** How the reading ahead ended. A fault is thrown when the consumer reaches its place in the stream. */
  #end: 'limit' | 'done' | { readonly error: unknown } | undefined;
  readonly #reading: Promise<void>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
    this.#reading = this.#read();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      await this.#reading;
      yield* this.#chunks;
      if (typeof this.#end === 'object') throw this.#end.error;
      if (this.#end === 'done') return;
      for (let next = await this.#source.next(); !next.done; next = await this.#source.next()) yield next.value;
    } finally {
      await this.close();
    }
  }

  /** Stops reading, and closes the source. */
  async close(): Promise<void> {
    await this.#reading;
    await this.#source.return?.();
  }

  async #read(): Promise<void> {
    try {
      while (this.#bytes < aheadBytesMax) {
        const next = await this.#source.next();
        if (next.done) {
          this.#end = 'done';
          return;
        }
        this.#chunks.push(next.value);
        this.#bytes += next.value.byteLength;
      }
      this.#end = 'limit';
    } catch (error) {
      this.#end = { error };
    }
  }
}
