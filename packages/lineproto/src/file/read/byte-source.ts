import { asBuffer } from '../../bytes';

/** An async stream of chunks, read in pieces of a chosen size and with a look ahead. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #unread: Buffer = Buffer.alloc(0);
  #arriving: Promise<void> | undefined;
  #ended = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Bytes that have arrived and are not taken. */
  get available(): number {
    return this.#unread.length;
  }

  /** Of these the first, without taking them. */
  head(bytesMax: number): Buffer {
    return this.#unread.subarray(0, bytesMax);
  }

  /** The next bytes without taking them: at least `bytesMin`, or all there are before the end. */
  async peek(bytesMin: number): Promise<Buffer> {
    while (this.#unread.length < bytesMin && !this.#ended) await this.#arrive();
    return this.#unread;
  }

  /** Asks for the next chunk, to be had without waiting once it is needed. Its failure is told by `peek`. */
  readAhead(): void {
    if (!this.#ended) this.#arrive().catch(() => undefined);
  }

  /** Takes bytes that were seen. */
  skip(bytes: number): void {
    this.#unread = this.#unread.subarray(bytes);
  }

  /** Tells the stream that no more is wanted. */
  async close(): Promise<void> {
    this.#ended = true;
    const closed = this.#chunks.return?.();
    if (this.#arriving === undefined) await closed;
    // A generator hears of it when the chunk on its way has come, for which nobody shall have to wait.
    else closed?.catch(() => undefined);
  }

  /** One chunk at a time. A failed stream fails again. */
  #arrive(): Promise<void> {
    this.#arriving ??= this.#chunks.next().then(({ done, value }) => {
      this.#arriving = undefined;
      if (done) this.#ended = true;
      else this.#unread = this.#unread.length === 0 ? asBuffer(value) : Buffer.concat([this.#unread, value]);
    });
    return this.#arriving;
  }
}
