/** A buffer costs about 250 bytes besides its own: with this many bytes in it, that does not count. */
const joinedBytesMin = 64 * 1024;
/** The most buffers that wait to be joined, however short they are. */
const waitingBuffersMax = 256;

/**
 * Collects the chunks of a body. Short ones are joined as they arrive: a body that is sent in chunks of one byte would otherwise hold 250
 * times its size in memory, of which no limit on the size of a body knows.
 */
export class BodyChunks {
  readonly #joined: Buffer[] = [];
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #sizeBytes = 0;

  /** The bytes of all chunks. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** How many buffers hold them. */
  get buffers(): number {
    return this.#joined.length + this.#waiting.length;
  }

  add(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= joinedBytesMin || this.#waiting.length === waitingBuffersMax) this.#join();
  }

  /** Returns all bytes in one buffer. */
  concat(): Buffer {
    return Buffer.concat([...this.#joined, ...this.#waiting], this.#sizeBytes);
  }

  #join(): void {
    const [first, ...more] = this.#waiting;
    if (first !== undefined) this.#joined.push(more.length === 0 ? first : Buffer.concat(this.#waiting));
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
