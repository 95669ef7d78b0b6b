import type { Precision } from '@ceres/internal';
import { MINUS, NUL, SPACE, skipBlanks, skipBlanksInSteps, TAB } from '../bytes';
import { isTimestampInRange } from '../precision';
import { type Fault, syntax } from './fault';
import { endOfDigits, isDigit } from './field-value';
import { readInt64 } from './int64';

/** The offsets of a record's timestamp; both are equal if it has none. */
export interface TimestampLayout {
  timestampStart: number;
  timestampEnd: number;
}

/** Walks ` [-]digits[ …]`; after the digits InfluxDB allows nothing but spaces. */
export function scanTimestamp(
  bytes: Uint8Array,
  fieldsEnd: number,
  end: number,
  layout: TimestampLayout,
): Fault | undefined {
  const start = skipBlanks(bytes, fieldsEnd, end);
  layout.timestampStart = layout.timestampEnd = start;
  if (start >= end) return undefined;
  const digits = bytes[start] === MINUS ? start + 1 : start;
  let i = endOfDigits(bytes, digits, end);
  if (i === digits) return syntax('the timestamp is not an integer', i);
  if (i - start > INT64_BYTES_MAX && readInt64(bytes, start, i) === undefined)
    return outOfRange(`of ${i - start} bytes`, start);
  layout.timestampEnd = i;
  while (i < end && bytes[i] === SPACE) i += 1;
  return i < end ? syntax('there is more after the timestamp', i) : undefined;
}

/** A timestamp of more bytes, nearly all of them zeros, could not be read in steps. */
const longTimestampBytesMax = 256 * 1024;

/** Does the same for a long record, step by step. A timestamp of more than 256 KiB is refused. */
export function* scanTimestampInSteps(
  bytes: Uint8Array,
  fieldsEnd: number,
  end: number,
  layout: TimestampLayout,
): Generator<void, Fault | undefined, undefined> {
  const start = yield* skipBlanksInSteps(bytes, fieldsEnd, end);
  const stop = Math.min(end, start + longTimestampBytesMax + 1);
  const fault = scanTimestamp(bytes, start, stop, layout);
  if (fault || stop === end) return fault;
  if (layout.timestampEnd === stop) return outOfRange(`of more than ${longTimestampBytesMax} bytes`, start);
  for (let at = stop; at < end; at += 1) {
    if (bytes[at] !== SPACE) return syntax('there is more after the timestamp', at);
    if (at % longTimestampBytesMax === 0) yield;
  }
  return undefined;
}

export function readTimestamp(
  bytes: Uint8Array,
  { timestampStart, timestampEnd }: TimestampLayout,
): bigint | undefined {
  if (timestampStart === timestampEnd) return undefined;
  if (timestampEnd - timestampStart <= 15) return BigInt(readSmallInteger(bytes, timestampStart, timestampEnd));
  return readInt64(bytes, timestampStart, timestampEnd);
}

/** Reads at most 15 characters, so that a double holds the number exactly. */
function readSmallInteger(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS;
  let value = 0;
  for (let i = isNegative ? start + 1 : start; i < end; i += 1) value = value * 10 + (bytes[i] as number) - 0x30;
  return isNegative ? -value : value;
}

/** Returns the fault of a timestamp that InfluxDB cannot store at this precision; none for a record without a timestamp. */
export function checkTimestampRange(
  bytes: Uint8Array,
  layout: TimestampLayout,
  precision: Precision,
): Fault | undefined {
  const { timestampStart: at, timestampEnd } = layout;
  if (timestampEnd - at < SAFE_DIGITS[precision] || isClearlyInRange(bytes, at, timestampEnd, precision))
    return undefined;
  if (timestampEnd === at) return undefined;
  const timestamp = readTimestamp(bytes, layout);
  if (timestamp === undefined) return outOfRange(`of ${timestampEnd - at} bytes`, at);
  return isTimestampInRange(timestamp, precision) ? undefined : outOfRange(`${timestamp} (${precision})`, at);
}

function outOfRange(timestamp: string, at: number): Fault {
  return { code: 'INVALID_TIMESTAMP', reason: `the timestamp ${timestamp} is outside InfluxDB's range`, at };
}

/** The sign and the digits of the least int64. */
const INT64_BYTES_MAX = 20;

/** How many digits the greatest time has. A time with fewer digits is in range, and so is one with as many and a lesser first digit. */
const SAFE_DIGITS: Readonly<Record<Precision, number>> = { ns: 19, us: 16, ms: 13, s: 10, m: 9, h: 7 };

function isClearlyInRange(bytes: Uint8Array, start: number, end: number, precision: Precision): boolean {
  const greatest = precision === 'm' ? 0x31 : precision === 'h' ? 0x32 : 0x39;
  return end - start === SAFE_DIGITS[precision] && (bytes[start] ?? 0) < greatest;
}

/** Returns the timestamp of a record known to be valid, found from its end. */
export function readFinalTimestamp(bytes: Uint8Array, end: number): bigint | undefined {
  let timestampEnd = end;
  while (bytes[timestampEnd - 1] === SPACE) timestampEnd -= 1;
  let start = timestampEnd;
  while (isDigit(bytes[start - 1] ?? 0)) start -= 1;
  if (start === timestampEnd) return undefined;
  if (bytes[start - 1] === MINUS) start -= 1;
  const before = bytes[start - 1];
  if (before !== SPACE && before !== TAB && before !== NUL) return undefined;
  return readInt64(bytes, start, timestampEnd);
}
