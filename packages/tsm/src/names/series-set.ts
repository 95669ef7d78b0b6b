const BACKSLASH = 0x5c;
/** Slots for each series, so that searches stay short. */
const SLOTS_PER_SERIES = 1.5;

/**
 * A set of series keys that holds 64 bits of each: 16 bytes for a series, however long its key is. That a key is taken for another is
 * as likely as that two random numbers of 64 bits are equal, and never happens if they differ in one bit.
 *
 * Keys that differ in how they are escaped are the same: InfluxDB stores keys as they were written.
 */
export class SeriesSet {
  size = 0;
  #slots = new Uint32Array(2 * 1024);
  readonly #hash = new Uint32Array(2);

  add(seriesKey: Uint8Array): void {
    hashInto(seriesKey, this.#hash);
    this.#insert(this.#hash[0] as number, this.#hash[1] as number);
  }

  has(seriesKey: Uint8Array): boolean {
    hashInto(seriesKey, this.#hash);
    const [high, low] = this.#hash as unknown as readonly [number, number];
    const at = this.#slotOf(high, low);
    return this.#slots[at] === high && this.#slots[at + 1] === low;
  }

  #insert(high: number, low: number): void {
    const at = this.#slotOf(high, low);
    if (this.#slots[at] === high && this.#slots[at + 1] === low) return;
    this.#slots[at] = high;
    this.#slots[at + 1] = low;
    this.size += 1;
    if (this.size * SLOTS_PER_SERIES * 2 > this.#slots.length) this.#grow();
  }

  /** Finds the slot that holds a hash, or the empty one in which it belongs. */
  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length / 2 - 1;
    for (let slot = high & mask; ; slot = (slot + 1) & mask) {
      const at = 2 * slot;
      if (this.#slots[at] === high && this.#slots[at + 1] === low) return at;
      if (this.#slots[at] === 0 && this.#slots[at + 1] === 0) return at;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(2 * before.length);
    this.size = 0;
    for (let at = 0; at < before.length; at += 2) {
      const [high, low] = [before[at] as number, before[at + 1] as number];
      if (high !== 0 || low !== 0) this.#insert(high, low);
    }
  }
}

/** Writes two independent hashes of 32 bits. Both are never 0, which is an empty slot. */
function hashInto(key: Uint8Array, into: Uint32Array): void {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < key.length; i += 1) {
    const byte = key[i] as number;
    if (byte === BACKSLASH && isEscapable(key[i + 1])) continue;
    a = Math.imul(a ^ byte, 0x9e3779b1);
    b = Math.imul(b ^ byte, 0x5f356495);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  into[0] = a === 0 && b === 0 ? 1 : a;
  into[1] = b;
}

/** A comma, a space, an equals sign or a quote: what InfluxDB takes the backslash from in the names of a point. */
function isEscapable(byte: number | undefined): boolean {
  return byte === 0x2c || byte === 0x20 || byte === 0x3d || byte === 0x22;
}
