import { u32At } from '../../bytes';
import { compareWords, HIGH, LOW } from '../../words';

/** The bytes of a block's entry in an index: the first and the last time, the offset of the block and its size. */
export const ENTRY_BYTES = 28;

const NONE = new Uint32Array(0);

/** The entries of an index for the blocks of one key, as parallel arrays that are used again. */
export class BlockList {
  length = 0;
  /** The blocks of the key in its file, and how many of them come before these. */
  total = 0;
  skipped = 0;
  /** The first and the last time of each block, as words: time `2 * i` and time `2 * i + 1`. */
  timeWords: Uint32Array = NONE;
  offsets: Float64Array = new Float64Array(0);
  sizes: Uint32Array = NONE;

  /** Takes over a part of another list, from index `from` up to, and without, `to`. Most lists are short, so that loops are faster than the methods of typed arrays. */
  copy(other: BlockList, from: number, to: number): void {
    const length = to - from;
    this.#reset(length);
    this.total = other.total;
    this.skipped = other.skipped + from;
    for (let i = 0; i < 4 * length; i += 1) this.timeWords[i] = other.timeWords[4 * from + i] as number;
    for (let i = 0; i < length; i += 1) {
      this.offsets[i] = other.offsets[from + i] as number;
      this.sizes[i] = other.sizes[from + i] as number;
    }
  }

  /** Reads `count` entries, which begin at `at`. */
  parse(bytes: Uint8Array, at: number, count: number): void {
    this.#reset(count);
    this.total = count;
    this.skipped = 0;
    const { timeWords, offsets, sizes } = this;
    for (let i = 0, from = at; i < count; i += 1, from += ENTRY_BYTES) {
      timeWords[4 * i + HIGH] = u32At(bytes, from);
      timeWords[4 * i + LOW] = u32At(bytes, from + 4);
      timeWords[4 * i + 2 + HIGH] = u32At(bytes, from + 8);
      timeWords[4 * i + 2 + LOW] = u32At(bytes, from + 12);
      offsets[i] = u32At(bytes, from + 16) * 4294967296 + u32At(bytes, from + 20);
      sizes[i] = u32At(bytes, from + 24);
    }
  }

  first(i: number): bigint {
    return timeAt(this.timeWords, 2 * i);
  }

  last(i: number): bigint {
    return timeAt(this.timeWords, 2 * i + 1);
  }

  /** Returns whether block `i` begins after block `i - 1` ends, as influxd writes them. */
  follows(i: number): boolean {
    return compareWords(this.timeWords, 2 * i, this.timeWords, 2 * i - 1) > 0;
  }

  #reset(length: number): void {
    this.length = length;
    if (length <= this.sizes.length) return;
    const capacity = Math.max(4, 2 * length);
    this.timeWords = new Uint32Array(4 * capacity);
    this.offsets = new Float64Array(capacity);
    this.sizes = new Uint32Array(capacity);
  }
}

function timeAt(words: Uint32Array, i: number): bigint {
  return (BigInt((words[2 * i + HIGH] as number) | 0) << 32n) | BigInt(words[2 * i + LOW] as number);
}
