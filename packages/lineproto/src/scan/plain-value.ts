import { MINUS } from '../bytes';
import { readInt64 } from '../record/int64';

const DOT = 0x2e;

/** No integer of up to 15 digits exceeds what a double holds exactly. */
const EXACT_DIGITS = 15;
/** All of them are exact as doubles: the quotient of two exact numbers is the nearest double, as a parser must give. */
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/** Reads a valid float from `start` to `end`. */
export function readPlainFloat(bytes: Buffer, start: number, end: number): number {
  return readDecimal(bytes, start, end) ?? Number(bytes.toString('latin1', start, end));
}

/**
 * Reads a valid integer from `start` to `end`, its `i` included.
 *
 * @returns a `number` if it has at most 15 digits, which saves making a `bigint`
 */
export function readPlainInteger(bytes: Buffer, start: number, end: number): number | bigint {
  return readDecimal(bytes, start, end - 1) ?? readInt64(bytes, start, end - 1) ?? 0; // A valid one fits.
}

/** Reads a valid boolean: `t`, `T`, `true`, `True` and `TRUE` are true. */
export function readPlainBoolean(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === 0x74 || bytes[start] === 0x54;
}

/** Returns the exact value, or `undefined` for one with too many digits or an exponent. */
function readDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  const isNegative = bytes[start] === MINUS;
  const digitsStart = isNegative ? start + 1 : start;
  if (end - digitsStart > EXACT_DIGITS + 1) return undefined;
  let mantissa = 0;
  let digits = 0;
  let decimals = 0;
  for (let i = digitsStart; i < end; i += 1) {
    const byte = bytes[i] as number;
    const digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) {
      mantissa = 10 * mantissa + digit;
      digits += 1;
    } else if (byte === DOT) decimals = end - i - 1;
    else return undefined;
  }
  if (digits > EXACT_DIGITS) return undefined;
  const value = mantissa / (POWERS_OF_TEN[decimals] as number); // at most `EXACT_DIGITS`
  return isNegative ? -value : value;
}
