import { asBuffer, MINUS } from '../bytes';

export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;

/** The digits of the greatest int64. */
const DIGITS_MAX = 19;
const ZERO = 0x30;

/**
 * Returns the int64 that a text of digits, with or without a `-`, stands for; `undefined` if it is outside int64.
 *
 * More digits than an int64 can have are refused by their count, because the time that `BigInt()` takes grows faster than the text.
 */
export function parseInt64(digits: string): bigint | undefined {
  const digitsStart = digits.startsWith('-') ? 1 : 0;
  let first = digitsStart;
  while (first < digits.length - 1 && digits.charCodeAt(first) === ZERO) first += 1;
  return first === digitsStart
    ? toInt64(digits, digitsStart)
    : toInt64(digits.slice(0, digitsStart) + digits.slice(first), digitsStart);
}

/** Does the same for the digits from `start` to `end`, without decoding all of a long run of zeros. */
export function readInt64(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  const isNegative = bytes[start] === MINUS;
  let first = isNegative ? start + 1 : start;
  while (first < end - 1 && bytes[first] === ZERO) first += 1;
  if (end - first > DIGITS_MAX) return undefined;
  const digits = asBuffer(bytes).toString('latin1', first, end);
  return toInt64(isNegative ? `-${digits}` : digits, isNegative ? 1 : 0);
}

function toInt64(text: string, digitsStart: number): bigint | undefined {
  if (text.length - digitsStart > DIGITS_MAX) return undefined;
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

/** Returns an integer for a message. To print a bigint takes time that grows faster than its size, so a huge one is not printed. */
export function shownInteger(value: number | bigint | string): string {
  if (typeof value === 'bigint') return value === BigInt.asIntN(128, value) ? String(value) : 'of more than 128 bits';
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
