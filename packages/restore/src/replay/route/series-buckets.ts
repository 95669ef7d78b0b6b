import { hashSeriesKey } from '@ceres/lineproto';
import { SpellingNumbers } from '@ceres/lineproto/internal';

/** Canonical hashes are folded to this many bits: series with equal folded hashes share a bucket. */
const homesBits = 18;
/** The largest number of new series in a row that get the same bucket. */
const blockMax = 16;

/**
 * Chooses the bucket for the records of a series: always the same one, however the series key is spelled.
 *
 * Series that are first seen one after the other share a bucket, because writers repeat their series in the same order:
 * neighbors in a file stay neighbors. Memory does not grow with the number of series.
 */
export class SeriesBuckets {
  readonly count: number;
  /** The bucket + 1 by folded canonical hash, or 0. This is the truth; the spellings remember a part of it. */
  readonly #homes = new Uint16Array(2 ** homesBits);
  readonly #spellings = new SpellingNumbers((start, end) => this.#home(start, end));
  #homesTaken = 0;
  #next = 0;
  #leftInBlock = 1;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(count: number) {
    this.count = count;
  }

  /** The hash of the spelling that was asked for last. It is good for counting, but not for deciding. */
  get hash(): number {
    return this.#spellings.hash;
  }

  /** The bytes that the next offsets point into. */
  set bytes(bytes: Buffer) {
    this.#bytes = bytes;
    this.#spellings.bytes = bytes;
  }

  /** Returns the bucket, 0 to count - 1, of the series key in `bytes` from `start` to `end`. */
  bucketOf(start: number, end: number): number {
    return this.#spellings.at(start, end);
  }

  #home(start: number, end: number): number {
    const hash = hashSeriesKey(this.#bytes, start, end);
    const home = (hash ^ (hash >>> homesBits)) & (2 ** homesBits - 1);
    this.#homes[home] ||= this.#assign() + 1;
    return this.#homes[home] - 1;
  }

  /** Assigns buckets in blocks that grow with the number of series, so that a few series are spread evenly. */
  #assign(): number {
    this.#homesTaken += 1;
    const bucket = this.#next;
    this.#leftInBlock -= 1;
    if (this.#leftInBlock === 0) {
      this.#next = (bucket + 1) % this.count;
      this.#leftInBlock = Math.min(blockMax, Math.max(1, Math.floor(this.#homesTaken / this.count)));
    }
    return bucket;
  }
}
