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

/** A slot is free, holds a key, or holds one that was marked. */
const free = 0;
const used = 1;
const marked = 2;

/**
 * Remembers keys, with the size of each, in 13 bytes a slot: a million keys take 26 MiB. A key is known by 64 bits of a hash, so that two of
 * a million are taken for one with a probability of 1 in 30 million.
 */
export class KeyTable {
  #hi = new Uint32Array(slotsAtFirst);
  #lo = new Uint32Array(slotsAtFirst);
  #sizes = new Uint32Array(slotsAtFirst);
  #states = new Uint8Array(slotsAtFirst);
  #count = 0;
  readonly #hash: Hash64 = { hi: 0, lo: 0 };

  get count(): number {
    return this.#count;
  }

  /** Adds a key; returns `false` if it is there, and then keeps what was said first. */
  add(key: string, sizeBytes?: number): boolean {
    if (this.#count >= fillMax * this.#states.length) this.#grow();
    hashText(key, this.#hash);
    const slot = this.#slotOf(this.#hash);
    if (this.#states[slot] !== free) return false;
    this.#hi[slot] = this.#hash.hi;
    this.#lo[slot] = this.#hash.lo;
    this.#sizes[slot] = sizeBytes === undefined ? unknownSize : sizeBytes % unknownSize;
    this.#states[slot] = used;
    this.#count += 1;
    return true;
  }

  find(key: string): KeyEntry | undefined {
    hashText(key, this.#hash);
    const slot = this.#slotOf(this.#hash);
    if (this.#states[slot] === free) return undefined;
    const size = this.#sizes[slot];
    return { slot, hasSize: (sizeBytes) => size === unknownSize || size === sizeBytes % unknownSize };
  }

  mark({ slot }: KeyEntry): void {
    this.#states[slot] = marked;
  }

  isMarked({ slot }: KeyEntry): boolean {
    return this.#states[slot] === marked;
  }

  hasUnmarked(): boolean {
    return this.#states.includes(used);
  }

  /** Returns the slot that holds the hash, or the free one where it belongs. */
  #slotOf({ hi, lo }: Hash64): number {
    const last = this.#states.length - 1;
    for (let slot = lo & last; ; slot = (slot + 1) & last) {
      if (this.#states[slot] === free || (this.#hi[slot] === hi && this.#lo[slot] === lo)) return slot;
    }
  }

  #grow(): void {
    const before = { hi: this.#hi, lo: this.#lo, sizes: this.#sizes, states: this.#states };
    const slots = 2 * before.states.length;
    this.#hi = new Uint32Array(slots);
    this.#lo = new Uint32Array(slots);
    this.#sizes = new Uint32Array(slots);
    this.#states = new Uint8Array(slots);
    const hash: Hash64 = { hi: 0, lo: 0 };
    for (const [old, state] of before.states.entries()) {
      if (state === free) continue;
      hash.hi = before.hi[old] ?? 0;
      hash.lo = before.lo[old] ?? 0;
      const slot = this.#slotOf(hash);
      this.#hi[slot] = hash.hi;
      this.#lo[slot] = hash.lo;
      this.#sizes[slot] = before.sizes[old] ?? 0;
      this.#states[slot] = state;
    }
  }
}
