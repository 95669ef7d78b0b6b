import { hashSeriesKey } from '@ceres/lineproto';
import { SpellingNumbers } from '@ceres/lineproto/internal';
import type { EncodedLines } from '../../internals';

/** The bits of a set: 32 KiB. When as many series have a number, numbering starts again; until then those beyond share the numbers. */
const seriesMax = 2 ** 18;
const [lineFeed, space, backslash] = [0x0a, 0x20, 0x5c];
const noBytes: Buffer = Buffer.alloc(0);

/** A set of series: one bit for each. */
export interface SeriesSet {
  readonly bits: Uint32Array;
  /** Sets of different numberings cannot be compared. */
  readonly numbering: number;
}

/**
 * Makes sets of the series that writes hold, cheap to make and to compare. A series has one number, however its key is spelled; two series
 * with one hash share it.
 */
export class SeriesSets {
  #numbers = new Map<number, number>();
  #numbering = 0;
  readonly #spellings = new SpellingNumbers((start, end) => this.#numberOf(start, end));
  #bytes = noBytes;

  /**
   * Returns the series of lines that the sink encoded, which have no blanks and comments: a record begins behind an LF. So does the rest of
   * a string that holds an LF; what is found there stands for a series that no write has, or makes two writes wait without need.
   */
  of({ bytes: { buffer, byteOffset, byteLength } }: EncodedLines): SeriesSet {
    if (this.#numbers.size >= seriesMax) this.#restart();
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.#readFrom(bytes);
    const bits = new Uint32Array(seriesMax / 32);
    // Looked for once, and kept until it is passed: looking from every line would take the square of the time.
    let nextSpace = position(bytes, space, 0);
    for (let start = 0; start < byteLength; ) {
      const lineEnd = position(bytes, lineFeed, start);
      if (nextSpace < start) nextSpace = position(bytes, space, start);
      // A space behind a backslash belongs to the key.
      while (nextSpace < lineEnd && bytes[nextSpace - 1] === backslash)
        nextSpace = position(bytes, space, nextSpace + 1);
      const number = this.#spellings.at(start, Math.min(nextSpace, lineEnd)) % seriesMax;
      bits[number >>> 5] = (bits[number >>> 5] as number) | (1 << (number & 31));
      start = lineEnd + 1;
    }
    this.#readFrom(noBytes); // A tee without writes keeps no lines in memory.
    return { bits, numbering: this.#numbering };
  }

  #readFrom(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#spellings.bytes = bytes;
  }

  #numberOf(start: number, end: number): number {
    const hash = hashSeriesKey(this.#bytes, start, end);
    const known = this.#numbers.get(hash);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(hash, number);
    return number;
  }

  #restart(): void {
    this.#numbers = new Map();
    this.#spellings.clear();
    this.#numbering += 1;
  }
}

/** Says whether two sets may have a series in common. */
export function shareSeries(a: SeriesSet, b: SeriesSet): boolean {
  if (a.numbering !== b.numbering) return true;
  for (let at = 0; at < a.bits.length; at += 1) {
    if (((a.bits[at] as number) & (b.bits[at] as number)) !== 0) return true;
  }
  return false;
}

/** Returns the offset of the first such byte at or after `from`, or the length of the bytes if there is none. */
function position(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found === -1 ? bytes.length : found;
}
