import type { ColumnBuffer } from '../../column';
import { copyWords } from '../../words';

/** Times that take more bytes are not kept. */
const KEPT_BYTES_MAX = 4_096;

/** The times of the block of a file that was decoded last, and the bytes that they came from: the fields of a series mostly have the same times. */
export class LastTimes {
  #bytes = new Uint8Array(64);
  /** How many bytes there are; -1 at first. */
  #length = -1;
  #words = new Uint32Array(128);
  #count = 0;

  /** Copies the times into an empty column if they came from the same bytes, and returns their number. */
  copyIfSame(bytes: Uint8Array, start: number, end: number, into: ColumnBuffer): number | undefined {
    const length = end - start;
    if (length !== this.#length) return undefined;
    const known = this.#bytes;
    for (let i = 0; i < length; i += 1) if (bytes[start + i] !== known[i]) return undefined;
    into.reserve(this.#count);
    copyWords(this.#words, 0, 2 * this.#count, into.timeWords, 0);
    return this.#count;
  }

  /** Keeps the times of a column. */
  keep(bytes: Uint8Array, start: number, end: number, { timeWords }: ColumnBuffer, count: number): void {
    const length = end - start;
    this.#length = -1;
    if (length > KEPT_BYTES_MAX) return;
    if (length > this.#bytes.length) this.#bytes = new Uint8Array(2 * length);
    if (2 * count > this.#words.length) this.#words = new Uint32Array(4 * count);
    for (let i = 0; i < length; i += 1) this.#bytes[i] = bytes[start + i] as number;
    copyWords(timeWords, 0, 2 * count, this.#words, 0);
    this.#length = length;
    this.#count = count;
  }
}
