import { setImmediate as turn } from 'node:timers/promises';
import { asBuffer } from '../../../bytes';

/** Reads an async stream of chunks in pieces of a chosen size, and can look ahead. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** What has arrived and was not taken. */
  #arrived: Buffer[] = [];
  #available = 0;
  #wanted = 0;
  #arriving: Promise<void> | undefined;
  #ended = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The number of bytes that have arrived and were not taken. */
  get available(): number {
    return this.#available;
  }

  /** Returns at most `bytesMax` of the bytes that have arrived, without taking them. */
  head(bytesMax: number): Buffer {
    const [first = NOTHING] = this.#arrived;
    if (first.length >= Math.min(bytesMax, this.#available)) return first.subarray(0, bytesMax);
    const joined = Buffer.concat(this.#arrived);
    this.#arrived = [joined];
    return joined.subarray(0, bytesMax);
  }

  /** Returns the next bytes without taking them: at least `bytesMin`, or all that come before the end. */
  async peek(bytesMin: number): Promise<Buffer> {
    while (this.#available < bytesMin && !this.#ended) await this.#arrive();
    return this.head(this.#available);
  }

  /** Asks for chunks until that number of bytes has arrived, so that nothing waits for them later. `peek` reports a failure. */
  readAhead(bytes: number): void {
    this.#wanted = bytes;
    if (this.#available < bytes && !this.#ended) this.#arrive().catch(() => undefined);
  }

  /** Takes bytes that were peeked at. */
  skip(bytes: number): void {
    const [first = NOTHING] = this.#arrived;
    this.#available -= bytes;
    if (bytes < first.length) this.#arrived[0] = first.subarray(bytes);
    else if (bytes === first.length) this.#arrived.shift();
    else this.#arrived = [Buffer.concat(this.#arrived).subarray(bytes)];
  }

  /** Ends the stream: no more is read. */
  async close(): Promise<void> {
    this.#ended = true;
    const closed = this.#chunks.return?.();
    // A generator ends only when the chunk on its way has come: if that takes longer than a turn, the caller does not wait for it.
    if (this.#arriving !== undefined) await Promise.race([closed?.catch(() => undefined), turn()]);
    else await closed;
  }

  /** Waits for the next chunk, one at a time. A failed stream fails again. */
  #arrive(): Promise<void> {
    this.#arriving ??= this.#chunks.next().then(({ done, value }) => {
      this.#arriving = undefined;
      if (done) this.#ended = true;
      else this.#add(asBuffer(value));
    });
    return this.#arriving;
  }

  #add(chunk: Buffer): void {
    this.#arrived.push(chunk);
    this.#available += chunk.length;
    this.readAhead(this.#wanted);
  }
}

const NOTHING = Buffer.alloc(0);
