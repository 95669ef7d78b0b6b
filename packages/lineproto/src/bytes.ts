/** The bytes that mean something in line protocol. */
export const NUL = 0x00;
export const TAB = 0x09;
export const LF = 0x0a;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;

/** The same memory as a Buffer, for its vectorised `indexOf`, `compare` and decoding. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A table that has 1 for these bytes and 0 for all others: what a scan stops at. */
export function byteSet(bytes: readonly number[]): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of bytes) set[byte] = 1;
  return set;
}

/** What InfluxDB skips before a measurement, the fields and a timestamp: space, tab and NUL. */
export function skipBlanks(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && (bytes[i] === SPACE || bytes[i] === TAB || bytes[i] === NUL)) i += 1;
  return i;
}
