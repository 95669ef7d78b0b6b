import type { FileCopy } from './file-copy';

/** Keeps the compressed bytes of a file in memory: nothing can change them. */
export class MemoryCopy implements FileCopy {
  readonly needsDigests = false;
  readonly #bytesMax: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False if the file turned out to be larger than memory allows; what was kept is dropped then. */
  get isWhole(): boolean {
    return this.#bytes <= this.#bytesMax;
  }

  async *fill(gz: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of gz) {
      this.#bytes += chunk.byteLength;
      if (this.isWhole) this.#chunks.push(chunk);
      else this.#chunks = [];
      yield chunk;
    }
  }

  async *read(): AsyncGenerator<Uint8Array> {
    yield* this.#chunks;
  }

  async close(): Promise<void> {
    this.#chunks = [];
  }
}
