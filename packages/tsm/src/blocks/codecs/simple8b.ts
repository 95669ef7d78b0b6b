import { type ByteWriter, u32At } from '../../bytes';
import { damaged } from '../../errors';
import { HIGH, LOW } from '../../words';

// Simple8b packs small whole numbers into words of 64 bits: a selector in the top four bits says how many values the lower 60 bits
// hold, and how wide each is. The first value has the lowest bits. Selectors 0 and 1 hold no bits: they are runs of the number 1.

const COUNTS = Uint8Array.of(240, 120, 60, 30, 20, 15, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1);
const WIDTHS = Uint8Array.of(0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60);
/** The first selector that can hold a value of this many bits. */
const FIRST_SELECTORS = Uint8Array.from({ length: 61 }, (_, bits) =>
  WIDTHS.findIndex((width) => width >= Math.max(bits, 1)),
);
/** The longest value: 60 bits. */
const HIGH_WORD_MAX = 0x0fffffff;

/** Counts the values in the words from `start` to `end`, without reading them. */
export function countSimple8b(bytes: Uint8Array, start: number, end: number): number {
  if ((end - start) % 8 !== 0) throw damaged('Packed numbers do not fill whole words of 64 bits');
  let count = 0;
  for (let i = start; i < end; i += 8) count += COUNTS[(bytes[i] as number) >>> 4] as number;
  return count;
}

/** Reads all values from `start` to `end` into `into`, two words a value, beginning at value number `at`. */
export function decodeSimple8b(bytes: Uint8Array, start: number, end: number, into: Uint32Array, at: number): void {
  let out = 2 * at;
  for (let i = start; i < end; i += 8) {
    const high = u32At(bytes, i);
    const low = u32At(bytes, i + 4);
    const selector = high >>> 28;
    const width = WIDTHS[selector] as number;
    const stop = out + 2 * (COUNTS[selector] as number);
    if (width > 0 && width <= 30) {
      const mask = (1 << width) - 1;
      let shift = 0;
      // All bits of a value are in the low word, then in both, then in the high word.
      for (; shift + width <= 32 && out < stop; shift += width, out += 2) {
        into[out + LOW] = (low >>> shift) & mask;
        into[out + HIGH] = 0;
      }
      if (shift < 32 && out < stop) {
        into[out + LOW] = ((low >>> shift) | (high << (32 - shift))) & mask;
        into[out + HIGH] = 0;
        shift += width;
        out += 2;
      }
      for (; out < stop; shift += width, out += 2) {
        into[out + LOW] = (high >>> (shift - 32)) & mask;
        into[out + HIGH] = 0;
      }
    } else if (width === 60) {
      into[out + LOW] = low;
      into[out + HIGH] = high & HIGH_WORD_MAX;
      out += 2;
    } else {
      for (; out < stop; out += 2) {
        into[out + LOW] = 1;
        into[out + HIGH] = 0;
      }
    }
  }
}

/** Returns whether every value from number `from` up to, and without, `to` has at most 60 bits. */
export function fitsSimple8b(words: Uint32Array, from: number, to: number): boolean {
  for (let i = 2 * from + HIGH; i < 2 * to; i += 2) if ((words[i] as number) > HIGH_WORD_MAX) return false;
  return true;
}

/** Writes the values from number `from` up to, and without, `to`. All of them have at most 60 bits. */
export function encodeSimple8b(words: Uint32Array, from: number, to: number, out: ByteWriter): void {
  out.reserve(8 * (to - from));
  const bits = bitsOf(words, from, to);
  for (let i = from; i < to; ) {
    const selector = chooseSelector(words, bits, i, from, to);
    const count = COUNTS[selector] as number;
    pack(words, i, selector, out);
    i += count;
  }
}

const scratch = { bits: new Uint8Array(1_024) };

/** Returns the lengths of the values in bits, in memory that the next call uses again. */
function bitsOf(words: Uint32Array, from: number, to: number): Uint8Array {
  if (scratch.bits.length < to - from) scratch.bits = new Uint8Array(2 * (to - from));
  const { bits } = scratch;
  for (let i = from; i < to; i += 1) {
    const high = words[2 * i + HIGH] as number;
    bits[i - from] = high === 0 ? 32 - Math.clz32(words[2 * i + LOW] as number) : 64 - Math.clz32(high);
  }
  return bits;
}

/** Chooses the selector that takes the most values from number `i` on, and needs no more than there are. */
function chooseSelector(words: Uint32Array, bits: Uint8Array, i: number, from: number, to: number): number {
  const first = bits[i - from] as number;
  if (first === 1 && to - i >= 120) {
    const ones = countOnes(words, i, to);
    if (ones >= 240) return 0;
    if (ones >= 120) return 1;
  }
  let selector = FIRST_SELECTORS[first] as number;
  // `fitting` values from `i` on are known to fit into `width` bits.
  let fitting = 1;
  for (; ; selector += 1) {
    const count = COUNTS[selector] as number;
    const width = WIDTHS[selector] as number;
    if (count > to - i) continue;
    while (fitting < count && (bits[i + fitting - from] as number) <= width) fitting += 1;
    if (fitting >= count) return selector;
  }
}

function countOnes(words: Uint32Array, from: number, to: number): number {
  let i = from;
  while (i < to && i - from < 240 && words[2 * i + LOW] === 1 && words[2 * i + HIGH] === 0) i += 1;
  return i - from;
}

function pack(words: Uint32Array, from: number, selector: number, out: ByteWriter): void {
  const count = COUNTS[selector] as number;
  const width = WIDTHS[selector] as number;
  let high = 0;
  let low = 0;
  if (width === 60) {
    low = words[2 * from + LOW] as number;
    high = words[2 * from + HIGH] as number;
  } else if (width > 0) {
    for (let j = 0, shift = 0; j < count; j += 1, shift += width) {
      const value = words[2 * (from + j) + LOW] as number;
      if (shift < 32) {
        low |= value << shift;
        if (shift + width > 32) high |= value >>> (32 - shift);
      } else high |= value << (shift - 32);
    }
  }
  out.u32((selector << 28) | high);
  out.u32(low);
}
