import { asBuffer } from '../../../bytes';

/** Reads an async stream of chunks in pieces of a chosen size, and can look ahead. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #unread: Buffer = Buffer.alloc(0);
  #arriving: Promise<void> | undefined;
  #ended = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The number of bytes that have arrived and were not taken. */
  get available(): number {
    return this.#unread.length;
  }

  /** Returns at most `bytesMax` of the bytes that have arrived, without taking them. */
  head(bytesMax: number): Buffer {
    return this.#unread.subarray(0, bytesMax);
  }

  /** Returns the next bytes without taking them: at least `bytesMin`, or all that come before the end. */
  async peek(bytesMin: number): Promise<Buffer> {
    while (this.#unread.length < bytesMin && !this.#ended) await this.#arrive();
    return this.#unread;
  }

  /** Asks for the next chunk, so that it is there when it is needed. `peek` reports its failure. */
  readAhead(): void {
    if (!this.#ended) this.#arrive().catch(() => undefined);
  }

  /** Takes bytes that were peeked at. */
  skip(bytes: number): void {
    this.#unread = this.#unread.subarray(bytes);
  }

  /** Ends the stream: no more is read. */
  async close(): Promise<void> {
    this.#ended = true;
    const closed = this.#chunks.return?.();
    if (this.#arriving === undefined) await closed;
    // A generator ends only when the chunk on its way has come, and the caller must not wait for that.
    else closed?.catch(() => undefined);
  }

  /** Waits for the next chunk, one at a time. A failed stream fails again. */
  #arrive(): Promise<void> {
    this.#arriving ??= this.#chunks.next().then(({ done, value }) => {
      this.#arriving = undefined;
      if (done) this.#ended = true;
      else this.#unread = this.#unread.length === 0 ? asBuffer(value) : Buffer.concat([this.#unread, value]);
    });
    return this.#arriving;
  }
}
