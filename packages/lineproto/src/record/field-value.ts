import { asBuffer, MINUS, PLUS } from '../bytes';
import { type Fault, syntax } from './fault';
import { readInt64 } from './int64';

const DOT = 0x2e;

/** Returns whether InfluxDB reads a value with this first byte as a number (`N` leads to NaN, which it then refuses). */
export function startsNumber(byte: number | undefined): boolean {
  return byte !== undefined && (isDigit(byte) || byte === MINUS || byte === DOT || byte === 0x4e || byte === 0x6e);
}

export function isDigit(byte: number): boolean {
  return (byte - 0x30) >>> 0 <= 9; // one comparison in place of two
}

/**
 * Checks a number: integers end in `i` and fit int64, floats are decimal and finite. InfluxDB 1.x refuses unsigned ones (`5u`).
 *
 * It reads each byte once: a regular expression for the same goes back over long digits again and again.
 */
export function checkNumber(bytes: Uint8Array, start: number, end: number): Fault | undefined {
  const digitsStart = bytes[start] === MINUS ? start + 1 : start;
  const wholeEnd = endOfDigits(bytes, digitsStart, end);
  if (wholeEnd > digitsStart && wholeEnd === end - 1 && bytes[wholeEnd] === 0x69)
    return checkInt64(bytes, start, wholeEnd);

  const hasPoint = wholeEnd < end && bytes[wholeEnd] === DOT;
  const mantissaEnd = hasPoint ? endOfDigits(bytes, wholeEnd + 1, end) : wholeEnd;
  const digits = mantissaEnd - digitsStart - (hasPoint ? 1 : 0);
  const hasExponent = mantissaEnd < end && (bytes[mantissaEnd] === 0x65 || bytes[mantissaEnd] === 0x45);
  const floatEnd = hasExponent ? endOfExponent(bytes, mantissaEnd + 1, end) : mantissaEnd;
  if (digits === 0 || floatEnd !== end) return syntax(`${clip(bytes, start, end)} is not a number`, start);
  if (!hasExponent && wholeEnd - digitsStart < FINITE_DIGITS) return undefined;
  if (Number.isFinite(Number(asBuffer(bytes).toString('latin1', start, end)))) return undefined;
  return { code: 'INVALID_VALUE', reason: `the float ${clip(bytes, start, end)} is out of range`, at: start };
}

/** A float with no more digits before its point is finite: the greatest has 309. */
const FINITE_DIGITS = 300;
/** An integer that is no longer, its sign included, fits int64. */
const SAFE_INTEGER_BYTES = 18;

function checkInt64(bytes: Uint8Array, start: number, end: number): Fault | undefined {
  if (end - start <= SAFE_INTEGER_BYTES || readInt64(bytes, start, end) !== undefined) return undefined;
  return { code: 'INVALID_VALUE', reason: `the integer ${clip(bytes, start, end + 1)} is outside int64`, at: start };
}

export function endOfDigits(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && isDigit(bytes[i] as number)) i += 1;
  return i;
}

/** Returns the end of `[+-]digits`, or -1 where there are no digits. */
function endOfExponent(bytes: Uint8Array, from: number, end: number): number {
  const digitsStart = bytes[from] === MINUS || bytes[from] === PLUS ? from + 1 : from;
  const digitsEnd = endOfDigits(bytes, digitsStart, end);
  return digitsEnd > digitsStart ? digitsEnd : -1;
}

const TRUE = new Set(['t', 'T', 'true', 'True', 'TRUE']);
const FALSE = new Set(['f', 'F', 'false', 'False', 'FALSE']);

/** Returns the boolean that a text stands for, or `undefined`. */
export function readBoolean(text: string): boolean | undefined {
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : undefined;
}

export function checkBoolean(bytes: Uint8Array, start: number, end: number): Fault | undefined {
  const text = asBuffer(bytes).toString('latin1', start, Math.min(end, start + 64));
  return readBoolean(text) === undefined
    ? syntax(`${clip(bytes, start, end)} is neither a number, a boolean nor a quoted string`, start)
    : undefined;
}

/** Returns the bytes as text in quotes for a message, cut where they are long. */
function clip(bytes: Uint8Array, start: number, end: number): string {
  const shown = asBuffer(bytes).toString('latin1', start, Math.min(end, start + 40));
  return JSON.stringify(end - start > 40 ? `${shown}…` : shown);
}
