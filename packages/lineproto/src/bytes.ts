/** The bytes that have a meaning in line protocol. */
export const NUL = 0x00;
export const TAB = 0x09;
export const LF = 0x0a;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;

/** Returns a Buffer over the same memory, for its vectorized `indexOf`, `compare` and decoding. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Returns a table with 1 for these bytes and 0 for all others, such as the bytes a scan stops at. */
export function byteSet(bytes: readonly number[]): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of bytes) set[byte] = 1;
  return set;
}

/** Returns the offset after what InfluxDB skips before a measurement, the fields and a timestamp: space, tab and NUL. */
export function skipBlanks(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && (bytes[i] === SPACE || bytes[i] === TAB || bytes[i] === NUL)) i += 1;
  return i;
}

/** Going over this many bytes takes less than a millisecond. */
const BLANKS_PER_STEP = 256 * 1024;

/** Does the same step by step: a line may hold megabytes of blanks. */
export function* skipBlanksInSteps(bytes: Uint8Array, from: number, end: number): Generator<void, number, undefined> {
  for (let at = from; ; ) {
    const until = Math.min(end, at + BLANKS_PER_STEP);
    at = skipBlanks(bytes, at, until);
    if (at < until || until === end) return at;
    yield;
  }
}
