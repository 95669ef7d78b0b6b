import { asBuffer, MINUS } from '../bytes';
import { INT64_MAX, INT64_MIN } from '../typed-number';
import { type Fault, syntax } from './fault';

const DOT = 0x2e;

/** Returns whether InfluxDB reads a value with this first byte as a number (`N` leads to NaN, which it then refuses). */
export function startsNumber(byte: number | undefined): boolean {
  return byte !== undefined && (isDigit(byte) || byte === MINUS || byte === DOT || byte === 0x4e || byte === 0x6e);
}

export function isDigit(byte: number): boolean {
  return (byte - 0x30) >>> 0 <= 9; // one comparison in place of two
}

const INTEGER = /^-?\d+i$/;
const FLOAT = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Checks a number: integers end in `i` and fit int64, floats are decimal and finite. InfluxDB 1.x refuses unsigned ones (`5u`). */
export function checkNumber(bytes: Uint8Array, start: number, end: number): Fault | undefined {
  const text = asBuffer(bytes).toString('latin1', start, end);
  if (INTEGER.test(text)) {
    if (text.length <= 19) return undefined;
    const value = BigInt(text.slice(0, -1));
    return value >= INT64_MIN && value <= INT64_MAX
      ? undefined
      : { code: 'INVALID_VALUE', reason: `the integer ${clip(text)} is outside int64`, at: start };
  }
  if (!FLOAT.test(text)) return syntax(`${clip(text)} is not a number`, start);
  return Number.isFinite(Number(text))
    ? undefined
    : { code: 'INVALID_VALUE', reason: `the float ${clip(text)} is out of range`, at: start };
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
    ? syntax(`${clip(text)} is neither a number, a boolean nor a quoted string`, start)
    : undefined;
}

function clip(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
