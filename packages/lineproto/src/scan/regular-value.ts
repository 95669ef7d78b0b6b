import { BACKSLASH, byteSet, COMMA, LF, MINUS, QUOTE, SPACE } from '../bytes';
import { checkBoolean, checkNumber, endOfDigits, isDigit } from '../record/field-value';

/** Says that the exact rules must be applied to the record. */
export const IRREGULAR = -1;

const ENDS_STRING = byteSet([QUOTE, BACKSLASH]);

/** Returns the offset of the byte after a valid value, or `limit`. */
export function endOfValue(bytes: Uint8Array, start: number, limit: number): number {
  if (start >= limit) return IRREGULAR;
  const first = bytes[start] as number;
  if (first === QUOTE) return endOfString(bytes, start + 1, limit);
  if (isDigit(first) || first === MINUS) return endOfNumber(bytes, start, limit);
  const end = endOfLiteral(bytes, start, limit);
  const isLetter = end - start === 1 && (first === 0x74 || first === 0x66 || first === 0x54 || first === 0x46); // t f T F
  return isLetter || isTrue(bytes, start, end) || checkBoolean(bytes, start, end) === undefined ? end : IRREGULAR;
}

function endOfString(bytes: Uint8Array, from: number, limit: number): number {
  for (let i = from; i < limit; i += 1) {
    if (ENDS_STRING[bytes[i] as number] === 0) continue;
    if (bytes[i] === QUOTE) return i + 1;
    i += 1;
  }
  return IRREGULAR;
}

/** Returns the end of a valid number. Digits with at most one point and an `i` after them need no closer look, unless there are very many. */
function endOfNumber(bytes: Uint8Array, start: number, limit: number): number {
  const digitsStart = bytes[start] === MINUS ? start + 1 : start;
  let i = endOfDigits(bytes, digitsStart, limit);
  if (i > digitsStart && i < limit && bytes[i] === 0x69 && i - digitsStart <= 18) return i + 1;
  if (i > digitsStart && i < limit && bytes[i] === 0x2e) i = endOfDigits(bytes, i + 1, limit);
  if (i > digitsStart && i - start < 300 && endsLiteral(bytes, i, limit)) return i;
  const end = endOfLiteral(bytes, i, limit);
  return checkNumber(bytes, start, end) === undefined ? end : IRREGULAR;
}

/** Returns the end of a number or boolean: the next comma or space, or the end of the record. */
function endOfLiteral(bytes: Uint8Array, from: number, limit: number): number {
  let i = from;
  while (!endsLiteral(bytes, i, limit)) i += 1;
  return i;
}

function endsLiteral(bytes: Uint8Array, at: number, limit: number): boolean {
  return at >= limit || bytes[at] === COMMA || bytes[at] === SPACE || bytes[at] === LF;
}

function isTrue(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === 4 &&
    bytes[start] === 0x74 &&
    bytes[start + 1] === 0x72 &&
    bytes[start + 2] === 0x75 &&
    bytes[start + 3] === 0x65
  );
}
