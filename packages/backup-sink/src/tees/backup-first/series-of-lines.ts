import { hashSeriesKey } from '@ceres/lineproto';
import { SpellingNumbers } from '@ceres/lineproto/internal';
import type { EncodedLines } from '../../internals';

const [lineFeed, space, backslash] = [0x0a, 0x20, 0x5c];
const noBytes: Buffer = Buffer.alloc(0);
/** Integers of 30 bits are the cheapest to look up. */
const hashMask = 0x3fffffff;

/**
 * Finds the series that a write holds, as numbers: a series has one number, however its key is spelled, and hardly ever two series
 * have the same.
 */
export class SeriesOfLines {
  readonly #spellings = new SpellingNumbers((start, end) => hashSeriesKey(this.#bytes, start, end) & hashMask);
  #bytes = noBytes;

  /**
   * Returns the series of lines that the sink encoded, which have no blanks and comments: a record begins behind an LF. So does the rest of
   * a string that holds an LF; what is found there stands for a series that no write has, or makes two writes wait without need.
   *
   * @returns `undefined` if there are more than `seriesMax`
   */
  find(
    { bytes: { buffer, byteOffset, byteLength } }: EncodedLines,
    seriesMax: number,
  ): ReadonlySet<number> | undefined {
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.#readFrom(bytes);
    const found = new Set<number>();
    // Looked for once, and kept until it is passed: looking from every line would take the square of the time.
    let nextSpace = position(bytes, space, 0);
    for (let start = 0; start < byteLength && found.size <= seriesMax; ) {
      const lineEnd = position(bytes, lineFeed, start);
      if (nextSpace < start) nextSpace = position(bytes, space, start);
      // A space behind a backslash belongs to the key.
      while (nextSpace < lineEnd && bytes[nextSpace - 1] === backslash)
        nextSpace = position(bytes, space, nextSpace + 1);
      found.add(this.#spellings.at(start, Math.min(nextSpace, lineEnd)));
      start = lineEnd + 1;
    }
    this.#readFrom(noBytes); // A tee without writes keeps no lines in memory.
    return found.size <= seriesMax ? found : undefined;
  }

  #readFrom(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#spellings.bytes = bytes;
  }
}

/** Returns the offset of the first such byte at or after `from`, or the length of the bytes if there is none. */
function position(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found === -1 ? bytes.length : found;
}
