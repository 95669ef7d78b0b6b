/** Takes bytes from a stream by their number, whatever the sizes of its chunks. */
export class StreamBytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Yields the next `length` bytes in pieces; fewer only at the end of the stream. */
  async *pieces(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (this.#chunk.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) return;
        this.#chunk = value;
      }
      const piece = this.#chunk.subarray(0, left);
      this.#chunk = this.#chunk.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** Returns the next `length` bytes; fewer only at the end of the stream. */
  async take(length: number): Promise<Uint8Array> {
    if (length <= this.#chunk.length) {
      const bytes = this.#chunk.subarray(0, length);
      this.#chunk = this.#chunk.subarray(length);
      return bytes;
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of this.pieces(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Ends the stream early. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
