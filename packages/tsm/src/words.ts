import { endianness } from 'node:os';

// A 64-bit integer in a typed array is two 32-bit words of the same memory. Arithmetic on words is several times as fast as on
// `bigint`, because it allocates nothing.

/** The offset of the low word in the two words of a 64-bit number, on this machine. */
export const LOW: 0 | 1 = endianness() === 'LE' ? 0 : 1;
/** The offset of the high word. */
export const HIGH: 0 | 1 = LOW === 0 ? 1 : 0;

/** Returns the words of an array of 64-bit numbers, in the same memory. */
export function wordsOf(numbers: BigInt64Array | BigUint64Array | Float64Array): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2);
}

/**
 * Compares two int64 given as words: negative, zero or positive, like the callback of `Array.sort`. The high words are signed.
 */
export function compareWords(a: Uint32Array, i: number, b: Uint32Array, j: number): number {
  const highs = ((a[2 * i + HIGH] as number) | 0) - ((b[2 * j + HIGH] as number) | 0);
  return highs !== 0 ? highs : (a[2 * i + LOW] as number) - (b[2 * j + LOW] as number);
}

/** Copies words `from` up to, and without, `to` into other words, from word `at` on. A loop is faster than a view for a few. */
export function copyWords(words: Uint32Array, from: number, to: number, into: Uint32Array, at: number): void {
  if (to - from > 128) into.set(words.subarray(from, to), at);
  else for (let i = from, j = at; i < to; i += 1, j += 1) into[j] = words[i] as number;
}
