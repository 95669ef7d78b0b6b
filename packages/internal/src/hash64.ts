/** A 64-bit hash as two unsigned halves. Callers reuse one object, because a comparison computes millions of hashes. */
export interface Hash64 {
  hi: number;
  lo: number;
}

/** What hashing has made of the beginning of a text. */
export interface HashLanes {
  readonly a: number;
  readonly b: number;
}

const noText: HashLanes = { a: 0xdeadbeef | 0, b: 0x41c6ce57 };

/** Reads the beginning of a text, which many texts share, so that `hashBytes` can go on from there. */
export function hashBeginning(text: string): HashLanes {
  let { a, b } = noText;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  return { a, b };
}

/** Hashes a text by its UTF-16 units: the two lanes of cyrb53 (public domain), without its cut to 53 bits. */
export function hashText(text: string, into: Hash64): void {
  const { a, b } = hashBeginning(text);
  into.hi = finish(a, b);
  into.lo = finish(b, a);
}

/**
 * Hashes bytes. The result is that of `hashText` for a text of as many characters.
 *
 * @param beginning what the bytes go on from; nothing by default
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number, into: Hash64, beginning = noText): void {
  let { a, b } = beginning;
  for (let i = start; i < end; i += 1) {
    const unit = bytes[i] as number;
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  into.hi = finish(a, b);
  into.lo = finish(b, a);
}

/** Mixes two more halves into a hash, so that every bit of the result depends on all input. */
export function mixInto(into: Hash64, hi: number, lo: number): void {
  const high = mixHigh(into.hi, into.lo, hi, lo);
  into.lo = mixLow(into.hi, into.lo, hi, lo) >>> 0;
  into.hi = high >>> 0;
}

/**
 * Returns the upper half of what `mixInto` makes of a hash, with its sign: small enough for a loop to keep it in a register. Each half is
 * mixed into the other, by steps that can be undone: two inputs of one hash never give one result.
 */
export function mixHigh(hashHi: number, hashLo: number, hi: number, lo: number): number {
  const first = Math.imul(hashHi ^ hi, 2654435761);
  const a = first ^ (first >>> 15);
  const second = Math.imul(hashLo ^ lo ^ a, 1597334677);
  const third = Math.imul(a ^ second ^ (second >>> 13), 2246822507);
  return third ^ (third >>> 16);
}

/** Returns the lower half of what `mixInto` makes of a hash, with its sign. In a loop, it shares its work with `mixHigh`. */
export function mixLow(hashHi: number, hashLo: number, hi: number, lo: number): number {
  const first = Math.imul(hashHi ^ hi, 2654435761);
  const a = first ^ (first >>> 15);
  const second = Math.imul(hashLo ^ lo ^ a, 1597334677);
  const b = second ^ (second >>> 13);
  const third = Math.imul(a ^ b, 2246822507);
  const fourth = Math.imul(b ^ third ^ (third >>> 16), 3266489909);
  return fourth ^ (fourth >>> 15);
}

function finish(a: number, b: number): number {
  const mixed = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
