/** The polynomial of gzip's CRC-32 (RFC 1952), with its bits reversed, as they are in a CRC. */
const polynomial = 0xedb88320;
/** The polynomial 1 in this form. */
const one = 0x80000000;

/**
 * Returns the CRC-32 of two pieces one after the other, from the CRC-32 of each and the size of the second; nothing is read again. As a
 * sum of polynomials it is its own inverse: with the CRC of both as `second`, it returns that of the second alone.
 *
 * The source is `crc32_combine` of zlib.
 */
export function joinedCrc(first: number, second: number, secondBytes: number): number {
  return (product(first, powerOfX(secondBytes)) ^ second) >>> 0;
}

/** Returns x to the power of 8 × `bytes`, modulo the polynomial: a CRC times that is the CRC with as many zero bytes behind its text. */
function powerOfX(bytes: number): number {
  let power = one;
  let square = one >>> 8; // x to the power of 8
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = product(power, square);
    square = product(square, square);
  }
  return power;
}

/** Multiplies modulo the polynomial. */
function product(a: number, b: number): number {
  let sum = 0;
  let shifted = b;
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ polynomial;
  }
  return sum;
}
