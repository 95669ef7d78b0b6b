import { hashSeriesKey } from './series-hash';

/** How many spellings of series keys are remembered, in bits; a new one replaces the old one in its place. */
const placesBits = 16;
const wordBytes = 4;

/**
 * Remembers the number of each series by the spelling of its key, in memory of a fixed size: a record mostly spells its series as the
 * records before it did, and comparing spellings is several times as fast as hashing series keys by their rules.
 */
export class SpellingNumbers {
  readonly #numberOf: (start: number, end: number) => number;
  /** Both halves of a spelling's fingerprint, and its number + 1, by the place of the spelling. */
  readonly #first = new Int32Array(2 ** placesBits);
  readonly #second = new Int32Array(2 ** placesBits);
  readonly #known = new Int32Array(2 ** placesBits);
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** The hash of the spelling that was asked for last. It is good for counting, but not for deciding. */
  hash = 0;

  /** @param numberOf returns the number, from 0, of the series key between two offsets of `bytes`, by the rules of series keys */
  constructor(numberOf: (start: number, end: number) => number) {
    this.#numberOf = numberOf;
  }

  /** The bytes that the next offsets point into. */
  set bytes(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Forgets all numbers. */
  clear(): void {
    this.#known.fill(0);
  }

  /** Returns the number of the series key in `bytes` from `start` to `end`. */
  at(start: number, end: number): number {
    if (end - start < wordBytes) {
      this.hash = hashSeriesKey(this.#bytes, start, end);
      return this.#numberOf(start, end);
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
    const place = this.hash >>> (32 - placesBits);
    const known = this.#known[place] as number;
    // Two spellings have equal lengths and equal fingerprints of 64 bits once in 10^19.
    if (this.#first[place] === first && this.#second[place] === second && known !== 0) return known - 1;
    const number = this.#numberOf(start, end);
    this.#first[place] = first;
    this.#second[place] = second;
    this.#known[place] = number + 1;
    return number;
  }
}
