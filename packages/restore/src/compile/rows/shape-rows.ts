import type { RowMemory } from './row-memory';
import type { Shape } from './shape';

/** The words of 32 bits before the values of a row: series, number of the record, and the two halves of its time. */
export const ROW_SERIES = 0;
export const ROW_NUMBER = 1;
export const ROW_TIME = 2;
export const ROW_VALUES = 4;

/** About the size of a full chunk. */
const CHUNK_WORDS = 64 * 1024;
const FIRST_ROWS = 16;

/** The rows of one shape in one shard, in the order of their records. Chunks do not move once they are full, so that growing copies little. */
export class ShapeRows {
  readonly shape: Shape;
  readonly rowWords: number;
  /** A row's chunk is `row >>> shift`, its place there `row & mask`. */
  readonly shift: number;
  readonly mask: number;
  readonly chunks: Uint32Array[] = [];
  count = 0;
  readonly #memory: RowMemory;
  /** The rows that there is room for. */
  #room = 0;

  constructor(shape: Shape, memory: RowMemory) {
    this.shape = shape;
    this.#memory = memory;
    this.rowWords = ROW_VALUES + 2 * shape.names.length;
    this.shift = Math.max(0, Math.floor(Math.log2(CHUNK_WORDS / this.rowWords)));
    this.mask = 2 ** this.shift - 1;
  }

  /** Adds a row, and returns the bytes of memory that it took in addition. */
  push(series: number, number: number, low: number, high: number, values: Uint32Array): number {
    const { count, rowWords } = this;
    const taken = count === this.#room ? this.#grow() : 0;
    const chunk = this.chunks[count >>> this.shift] as Uint32Array; // `#grow` made it
    let at = (count & this.mask) * rowWords;
    const end = at + rowWords;
    chunk[at] = series;
    chunk[at + 1] = number;
    chunk[at + 2] = low;
    chunk[at + 3] = high;
    at += ROW_VALUES;
    for (let i = 0; at < end; at += 1, i += 1) chunk[at] = values[i] as number;
    this.count = count + 1;
    return taken;
  }

  #grow(): number {
    const { chunks, count } = this;
    const full = this.mask + 1;
    const last = chunks.at(-1);
    if (last !== undefined && count < full) {
      const rows = Math.min(full, 4 * count);
      const larger = this.#chunk(rows);
      larger.set(last);
      chunks[0] = larger;
      this.#room = rows;
      return 4 * (larger.length - last.length);
    }
    const rows = last === undefined ? Math.min(full, FIRST_ROWS) : full;
    const chunk = this.#chunk(rows);
    chunks.push(chunk);
    this.#room += rows;
    return 4 * chunk.length;
  }

  /** Gives the memory of all rows back. */
  release(): void {
    for (const chunk of this.chunks) if (chunk.length === (this.mask + 1) * this.rowWords) this.#memory.giveBack(chunk);
    this.chunks.length = 0;
    this.count = 0;
    this.#room = 0;
  }

  #chunk(rows: number): Uint32Array {
    const words = rows * this.rowWords;
    return rows === this.mask + 1 ? this.#memory.take(words) : new Uint32Array(words);
  }
}
