import { InfluxHttpError } from '../../errors';

/** What may have to be held at once: one row, or what precedes the rows of a series. */
const heldBytesMax = 256 * 1024 * 1024;

/** Thrown where more bytes are needed than have arrived, and caught in this file. It has no stack: it would cost more than a row. */
const notYet = Symbol('more bytes are needed');

/** The bytes of a MessagePack answer as they arrive. What is read is forgotten. */
export class ArrivingBytes {
  /** What has arrived; all before `at` has been read. */
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  readonly #body: AsyncIterator<Buffer>;
  #neededBytes = 0;

  constructor(body: AsyncIterable<Buffer>) {
    this.#body = body[Symbol.asyncIterator]();
  }

  /** Moves behind the next bytes, and returns where in `bytes` they begin. To be called inside `whole` or `attempt`. */
  take(size: number): number {
    const start = this.at;
    const end = start + size;
    if (end > this.bytes.length) {
      this.#neededBytes = size;
      throw notYet;
    }
    this.at = end;
    return start;
  }

  /** Ends the answer, whether it was read to its end or not. */
  async close(): Promise<void> {
    await this.#body.return?.();
  }

  /** Returns whether anything follows. */
  async hasNext(): Promise<boolean> {
    while (this.at === this.bytes.length) if (!(await this.#fill(1))) return false;
    return true;
  }

  /**
   * Runs `read`, and runs it again from the same place whenever it needs bytes that have not arrived.
   *
   * @throws InfluxHttpError `INVALID_ANSWER` if the answer ends, or if `read` needs too much
   */
  async whole<T>(read: () => T): Promise<T> {
    for (;;) {
      const result = this.attempt(read);
      if (result !== undefined) return result;
      await this.more();
    }
  }

  /** Runs `read`. Returns `undefined`, and reads nothing, if it needs bytes that have not arrived. */
  attempt<T>(read: () => T): T | undefined {
    const start = this.at;
    try {
      return read();
    } catch (error) {
      if (error !== notYet) throw error;
      this.at = start;
      return undefined;
    }
  }

  /** Waits for the bytes that were needed. What is held at least doubles each time, so that reading stays linear. */
  async more(): Promise<void> {
    const heldBytes = this.bytes.length - this.at;
    const wantedBytes = Math.max(this.#neededBytes, 2 * heldBytes);
    if (heldBytes > heldBytesMax || this.#neededBytes > heldBytesMax) {
      throw notMessagePack(`a row or a list of names is longer than ${heldBytesMax} bytes`);
    }
    if (!(await this.#fill(wantedBytes))) throw notMessagePack('it ended before its last row');
  }

  /** Returns false if nothing more arrived. */
  async #fill(wantedBytes: number): Promise<boolean> {
    const chunks: Buffer[] = [];
    const heldBytes = this.bytes.length - this.at;
    let sizeBytes = heldBytes;
    while (sizeBytes < wantedBytes || chunks.length === 0) {
      const { done, value } = await this.#body.next();
      if (done) break;
      chunks.push(value);
      sizeBytes += value.length;
    }
    const [only] = chunks;
    const isOnly = only !== undefined && heldBytes === 0 && chunks.length === 1;
    this.bytes = isOnly ? only : Buffer.concat([this.bytes.subarray(this.at), ...chunks], sizeBytes);
    this.at = 0;
    return sizeBytes > heldBytes;
  }
}

/** Returns the error for an answer that cannot be read. */
export function notMessagePack(what: string): InfluxHttpError {
  return new InfluxHttpError('INVALID_ANSWER', `The answer is not InfluxDB's MessagePack: ${what}.`);
}
