import { hashSeriesKey } from '@ceres/lineproto';

/** Canonical hashes are folded to this many bits: series with equal folded hashes share a bucket. */
const homesBits = 18;
/** How many spellings of series keys are remembered, in bits; a new spelling replaces the old one in its place. */
const spellingsBits = 16;
/** The largest number of new series in a row that get the same bucket. */
const blockMax = 16;
const wordBytes = 4;

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
  /** Both halves of a spelling's fingerprint, and its bucket + 1, by the place of the spelling. */
  readonly #first = new Int32Array(2 ** spellingsBits);
  readonly #second = new Int32Array(2 ** spellingsBits);
  readonly #known = new Uint16Array(2 ** spellingsBits);
  #homesTaken = 0;
  #next = 0;
  #leftInBlock = 1;
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** The hash of the spelling that was asked for last. It is good for counting, but not for deciding. */
  hash = 0;

  constructor(count: number) {
    this.count = count;
  }

  /** The bytes that the next offsets point into. */
  set bytes(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Returns the bucket, 0 to count - 1, of the series key in `bytes` from `start` to `end`. */
  bucketOf(start: number, end: number): number {
    if (end - start < wordBytes) {
      this.hash = hashSeriesKey(this.#bytes, start, end);
      return this.#home(start, end);
    }
    const view = this.#view;
    let first = end - start;
    let second = first;
    const last = end - wordBytes;
    for (let at = start; at < last; at += wordBytes) {
      const word = view.getInt32(at, true);
      first = Math.imul(((first << 5) | (first >>> 27)) ^ word, 0x9e3779b1);
      second = Math.imul(((second << 13) | (second >>> 19)) ^ word, 0x85ebca6b);
    }
    const word = view.getInt32(last, true);
    first = Math.imul(((first << 5) | (first >>> 27)) ^ word, 0x9e3779b1);
    second = Math.imul(((second << 13) | (second >>> 19)) ^ word, 0x85ebca6b);
    this.hash = Math.imul(first ^ (second >>> 15), 0xc2b2ae35);
    const place = this.hash >>> (32 - spellingsBits);
    // Two spellings have equal lengths and equal fingerprints of 64 bits once in 10^19.
    if (this.#first[place] !== first || this.#second[place] !== second || this.#known[place] === 0) {
      this.#first[place] = first;
      this.#second[place] = second;
      this.#known[place] = this.#home(start, end) + 1;
    }
    return (this.#known[place] as number) - 1;
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
