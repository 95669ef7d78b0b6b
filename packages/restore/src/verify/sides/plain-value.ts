import type { Hash64 } from '../digest/hash64';
import { hashInteger, hashValue } from '../digest/value-hash';

const quote = 0x22;
const minus = 0x2d;
const point = 0x2e;
const letterI = 0x69;

/** So many digits make no integer that a double could not hold. */
const exactDigits = 15;
/** Exact as doubles, all of them: the quotient of two exact numbers is the nearest double, as a parser must give. */
const powersOfTen = Array.from({ length: exactDigits + 1 }, (_, exponent) => 10 ** exponent);

/** The hash of a valid value as it stands in a record, without backslashes: what `hashValue` gives for the parsed one. */
export function hashPlainValue(bytes: Buffer, start: number, end: number, into: Hash64): void {
  const first = bytes[start] as number;
  if (first === quote) hashValue(bytes.toString('utf8', start + 1, end - 1), into);
  else if (!startsNumber(first))
    hashValue(first === 0x74 || first === 0x54, into); // t, T, true, True, TRUE
  else if (bytes[end - 1] === letterI) hashPlainInteger(bytes, start, end - 1, into);
  else hashValue(readDecimal(bytes, start, end) ?? Number(bytes.toString('latin1', start, end)), into);
}

function startsNumber(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === minus || byte === point;
}

function hashPlainInteger(bytes: Buffer, start: number, end: number, into: Hash64): void {
  const value = readDecimal(bytes, start, end);
  if (value === undefined) hashValue(BigInt(bytes.toString('latin1', start, end)), into);
  else hashInteger(value, into);
}

/** Exact; `undefined` for one with too many digits, or an exponent. */
function readDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  const isNegative = bytes[start] === minus;
  const digitsStart = isNegative ? start + 1 : start;
  if (end - digitsStart > exactDigits + 1) return undefined;
  let mantissa = 0;
  let digits = 0;
  let decimals = 0;
  for (let i = digitsStart; i < end; i += 1) {
    const byte = bytes[i] as number;
    const digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) {
      mantissa = 10 * mantissa + digit;
      digits += 1;
    } else if (byte === point) decimals = end - i - 1;
    else return undefined;
  }
  if (digits > exactDigits) return undefined;
  const value = mantissa / (powersOfTen[decimals] as number); // at most `exactDigits`
  return isNegative ? -value : value;
}
