import { type Hash64, hashText } from '@ceres/internal';

/** What was said of a key. */
export interface KeyEntry {
  /** The position of the key in the table, for `mark` and `isMarked`. Any `add` may change it. */
  readonly slot: number;
  /** True if the key has the size that it was added with, or was added without one. */
  hasSize(sizeBytes: number): boolean;
}

/** A table of this many slots has room for three quarters as many keys. */
const slotsAtFirst = 1024;
const fillMax = 0.75;

/** Stands for a size that is not known. Sizes are compared modulo 2 ** 32 - 1, so no known size has this value. */
const unknownSize = 0xffff_ffff;

/** The highest bit of a slot's source says that the key was marked; the others count the sources from 1, and 0 means a free slot. */
const markBit = 0x8000_0000;
const sourcesMax = 0x7fff_ffff;

/**
 * Remembers keys, with the size of each and where it was named, in 16 bytes a slot: a million keys take 32 MiB. A key is known by 64 bits of
 * a hash, so that two of a million are taken for one with a probability of 1 in 30 million.
 */
export class KeyTable {
  #hi = new Uint32Array(slotsAtFirst);
  #lo = new Uint32Array(slotsAtFirst);
  #sizes = new Uint32Array(slotsAtFirst);
  #sources = new Uint32Array(slotsAtFirst);
  #count = 0;
  readonly #hash: Hash64 = { hi: 0, lo: 0 };

  get count(): number {
    return this.#count;
  }

  /** Adds a key; returns `false` if it is there, and then keeps what was said first. */
  add(key: string, sizeBytes: number | undefined, source: number): boolean {
    if (this.#count >= fillMax * this.#sources.length) this.#grow();
    hashText(key, this.#hash);
    const slot = this.#slotOf(this.#hash);
    if (this.#sources[slot] !== 0) return false;
    this.#hi[slot] = this.#hash.hi;
    this.#lo[slot] = this.#hash.lo;
    this.#sizes[slot] = sizeBytes === undefined ? unknownSize : sizeBytes % unknownSize;
    this.#sources[slot] = (source % sourcesMax) + 1;
    this.#count += 1;
    return true;
  }

  find(key: string): KeyEntry | undefined {
    hashText(key, this.#hash);
    const slot = this.#slotOf(this.#hash);
    if (this.#sources[slot] === 0) return undefined;
    const size = this.#sizes[slot];
    return { slot, hasSize: (sizeBytes) => size === unknownSize || size === sizeBytes % unknownSize };
  }

  mark({ slot }: KeyEntry): void {
    this.#sources[slot] = ((this.#sources[slot] ?? 0) | markBit) >>> 0;
  }

  isMarked({ slot }: KeyEntry): boolean {
    return ((this.#sources[slot] ?? 0) & markBit) !== 0;
  }

  /** Returns the sources of all keys that are not marked. */
  sourcesOfUnmarked(): Set<number> {
    const sources = new Set<number>();
    for (const source of this.#sources) if (source !== 0 && (source & markBit) === 0) sources.add(source - 1);
    return sources;
  }

  /** Returns the slot that holds the hash, or the free one where it belongs. */
  #slotOf({ hi, lo }: Hash64): number {
    const last = this.#sources.length - 1;
    for (let slot = lo & last; ; slot = (slot + 1) & last) {
      if (this.#sources[slot] === 0 || (this.#hi[slot] === hi && this.#lo[slot] === lo)) return slot;
    }
  }

  #grow(): void {
    const before = { hi: this.#hi, lo: this.#lo, sizes: this.#sizes, sources: this.#sources };
    const slots = 2 * before.sources.length;
    this.#hi = new Uint32Array(slots);
    this.#lo = new Uint32Array(slots);
    this.#sizes = new Uint32Array(slots);
    this.#sources = new Uint32Array(slots);
    const hash: Hash64 = { hi: 0, lo: 0 };
    for (const [old, source] of before.sources.entries()) {
      if (source === 0) continue;
      hash.hi = before.hi[old] ?? 0;
      hash.lo = before.lo[old] ?? 0;
      const slot = this.#slotOf(hash);
      this.#hi[slot] = hash.hi;
      this.#lo[slot] = hash.lo;
      this.#sizes[slot] = before.sizes[old] ?? 0;
      this.#sources[slot] = source;
    }
  }
}
