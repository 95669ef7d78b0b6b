import { STRING_BYTES_MAX } from '../../replay/route/record-filter';

const CHUNK_BITS = 20;
const CHUNK_BYTES = 2 ** CHUNK_BITS;

/** Keeps the bytes of strings, each under an address of 32 bits. */
export class TextHeap {
  #chunks: Uint8Array[] = [];
  /** Chunks that are used again: on a busy machine, new memory takes longer than to fill it. */
  readonly #spare: Uint8Array[] = [];
  /** The chunk that is being filled, and how far. */
  #at = 0;
  #free = CHUNK_BYTES;
  #sizeBytes = 0;
  /** Becomes true with a string that is longer than InfluxDB takes in a line from 1.9 on. */
  hasLong = false;

  /** The memory that it takes. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Copies bytes, and returns their address. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length > CHUNK_BYTES / 4) return this.#addAlone(bytes.slice(start, end));
    if (this.#chunks.length === 0 || length > CHUNK_BYTES - this.#free) {
      this.#at = this.#push(this.#spare.pop() ?? new Uint8Array(CHUNK_BYTES));
      this.#free = 0;
    }
    const chunk = this.#chunks[this.#at] as Uint8Array; // pushed above
    const offset = this.#free;
    if (length < 32) for (let i = 0; i < length; i += 1) chunk[offset + i] = bytes[start + i] as number;
    else chunk.set(bytes.subarray(start, end), offset);
    this.#free += length;
    return this.#at * CHUNK_BYTES + offset;
  }

  /** Returns the chunk that an address lies in. */
  chunkAt(address: number): Uint8Array {
    return this.#chunks[address >>> CHUNK_BITS] as Uint8Array; // an address that `add` returned
  }

  /** Returns the place of an address in its chunk. */
  offsetOf(address: number): number {
    return address & (CHUNK_BYTES - 1);
  }

  /** Forgets the strings, and keeps the memory. */
  clear(): void {
    this.#spare.push(...this.#chunks.filter(({ length }) => length === CHUNK_BYTES));
    this.#chunks = [];
    this.#free = CHUNK_BYTES;
    this.#sizeBytes = 0;
  }

  /** A long string has a chunk of its own. */
  #addAlone(bytes: Uint8Array): number {
    this.hasLong ||= bytes.length > STRING_BYTES_MAX;
    return this.#push(bytes) * CHUNK_BYTES;
  }

  #push(chunk: Uint8Array): number {
    this.#sizeBytes += chunk.length;
    return this.#chunks.push(chunk) - 1;
  }
}
