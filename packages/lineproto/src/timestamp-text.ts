import { asBuffer, MINUS, NUL, SPACE, skipBlanks, TAB } from './bytes';
import { type Fault, syntax } from './fault';
import { isDigit } from './field-literal';
import { isTimestampInRange, type Precision } from './precision';

/** Where the timestamp of a record stands; both are equal if it has none. */
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
  let i = bytes[start] === MINUS ? start + 1 : start;
  const digits = i;
  while (i < end && isDigit(bytes[i] ?? 0)) i += 1;
  if (i === digits) return syntax('the timestamp is not an integer', i);
  layout.timestampEnd = i;
  while (i < end && bytes[i] === SPACE) i += 1;
  return i < end ? syntax('there is more after the timestamp', i) : undefined;
}

export function readTimestamp(
  bytes: Uint8Array,
  { timestampStart, timestampEnd }: TimestampLayout,
): bigint | undefined {
  if (timestampStart === timestampEnd) return undefined;
  return BigInt(asBuffer(bytes).toString('latin1', timestampStart, timestampEnd));
}

/** Whether InfluxDB can store the time at this precision. */
export function checkTimestampRange(timestamp: bigint, precision: Precision, at: number): Fault | undefined {
  if (isTimestampInRange(timestamp, precision)) return undefined;
  return { code: 'INVALID_TIMESTAMP', reason: `the timestamp ${timestamp} (${precision}) is out of range`, at };
}

/** The timestamp of a record known to be valid, found from its end. */
export function readFinalTimestamp(bytes: Uint8Array, end: number): bigint | undefined {
  let timestampEnd = end;
  while (bytes[timestampEnd - 1] === SPACE) timestampEnd -= 1;
  let start = timestampEnd;
  while (isDigit(bytes[start - 1] ?? 0)) start -= 1;
  if (start === timestampEnd) return undefined;
  if (bytes[start - 1] === MINUS) start -= 1;
  const before = bytes[start - 1];
  if (before !== SPACE && before !== TAB && before !== NUL) return undefined;
  return BigInt(asBuffer(bytes).toString('latin1', start, timestampEnd));
}
