import { hashSeriesKey } from '@ceres/lineproto';

/** Canonical hashes are folded to so many: series that share one share their bucket. */
const homesBits = 18;
/** Spellings of series keys that are known by sight; the next one to need a place takes it. */
const spellingsBits = 16;
/** New series that follow each other get the same bucket, up to so many. */
const blockMax = 16;
const wordBytes = 4;

/**
 * Which of so many buckets the records of a series go to: always the same, however the key is spelled.
 *
 * Series that are first seen one after the other share a bucket, since writers repeat their series in the same order: what
 * stands together in a file then stays together. Memory is flat at any number of series.
 */
export class SeriesBuckets {
  readonly count: number;
  /** By folded canonical hash: the bucket + 1, or 0. The truth, of which the spellings remember a part. */
  readonly #homes = new Uint16Array(2 ** homesBits);
  /** Of a spelling by its place: both halves of its fingerprint, and its bucket + 1. */
  readonly #first = new Int32Array(2 ** spellingsBits);
  readonly #second = new Int32Array(2 ** spellingsBits);
  readonly #known = new Uint16Array(2 ** spellingsBits);
  #homesTaken = 0;
  #next = 0;
  #leftInBlock = 1;
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Of the spelling asked for last: for counting, not for deciding. */
  hash = 0;

  constructor(count: number) {
    this.count = count;
  }

  /** What the next offsets are about. */
  set bytes(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @returns 0 to count - 1, for the series key in `bytes` from `start` to `end` */
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

  /** In blocks that grow with the number of series: few are spread evenly. */
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
