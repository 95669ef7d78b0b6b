import { BACKSLASH, COMMA, EQUALS, MINUS, QUOTE, SPACE } from './bytes';
import { checkBoolean, checkNumber } from './field-literal';

/** What {@link scanRegularRecord} finds: offsets into the bytes of a record. */
export interface PartsLayout {
  seriesEnd: number;
  fieldsStart: number;
  fieldsEnd: number;
  timestampStart: number;
  timestampEnd: number;
}

/**
 * A quick look at a record: finds its parts in one pass if it is written as encoders write, and gives up at anything
 * else, to be judged by the exact rules of `RecordLayout.scan`. It accepts nothing that they refuse.
 *
 * Given up are: tags that are not in order, backslashes or quotes in field keys, a key that may be `time`, keys that
 * may be equal, blanks other than one space between the parts, and records so long that a key could be too long.
 */
export function scanRegularRecord(bytes: Uint8Array, start: number, end: number, layout: PartsLayout): boolean {
  if (end - start > RECORD_BYTES_MAX) return false;
  const seriesEnd = endOfSeriesKey(bytes, start, end);
  if (seriesEnd === IRREGULAR) return false;
  const fieldsEnd = endOfFields(bytes, seriesEnd + 1, end);
  if (fieldsEnd === IRREGULAR || !isTimestamp(bytes, fieldsEnd, end)) return false;
  layout.seriesEnd = seriesEnd;
  layout.fieldsStart = seriesEnd + 1;
  layout.fieldsEnd = fieldsEnd;
  layout.timestampStart = Math.min(fieldsEnd + 1, end);
  layout.timestampEnd = end;
  return true;
}

const IRREGULAR = -1;

/** Below it no series key with a field key can exceed InfluxDB's 65,535 bytes. */
const RECORD_BYTES_MAX = 65_000;

/** What a byte may end in each section. */
const ENDS_KEY = byteSet([COMMA, EQUALS, SPACE]);
const ENDS_FIELD_KEY = byteSet([COMMA, EQUALS, SPACE, QUOTE, BACKSLASH, 0x09, 0x00]);
const ENDS_STRING = byteSet([QUOTE, BACKSLASH]);

function byteSet(bytes: readonly number[]): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of bytes) set[byte] = 1;
  return set;
}

function endOfSeriesKey(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] === COMMA) return IRREGULAR;
  let i = endOfMeasurement(bytes, start, end);
  let previousStart = 0;
  let previousEnd = 0;
  while (bytes[i] === COMMA) {
    const keyStart = i + 1;
    const equals = endOfName(bytes, keyStart, end);
    if (bytes[equals] !== EQUALS || equals === keyStart || mayBeTime(bytes, keyStart, equals)) return IRREGULAR;
    if (previousEnd > 0 && !isBefore(bytes, previousStart, previousEnd, keyStart, equals)) return IRREGULAR;
    i = endOfName(bytes, equals + 1, end);
    if (i === equals + 1 || bytes[i] === EQUALS) return IRREGULAR;
    previousStart = keyStart;
    previousEnd = equals;
  }
  return i < end ? i : IRREGULAR;
}

/** In a measurement, `=` is a letter like any other. */
function endOfMeasurement(bytes: Uint8Array, start: number, end: number): number {
  let i = endOfName(bytes, start, end);
  while (i < end && bytes[i] === EQUALS) i = endOfName(bytes, i + 1, end);
  return i;
}

/** The next `,`, `=` or space that no backslash precedes, or `end`. */
function endOfName(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && (ENDS_KEY[bytes[i] as number] === 0 || (bytes[i - 1] === BACKSLASH && i > from))) i += 1;
  return i;
}

function mayBeTime(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 4 && bytes[start] === 0x74;
}

/** Byte order of two keys. */
function isBefore(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): boolean {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i += 1) {
    const difference = (bytes[aStart + i] as number) - (bytes[bStart + i] as number);
    if (difference !== 0) return difference < 0;
  }
  return aEnd - aStart < bEnd - bStart;
}

/** When a hash of a field key was seen last: in this record, it may be the same key again. */
const seenIn = new Int32Array(16 * 1024);
let recordNumber = 0;

function endOfFields(bytes: Uint8Array, start: number, end: number): number {
  recordNumber = (recordNumber + 1) | 0;
  for (let i = start; ; i += 1) {
    const keyStart = i;
    let hash = 0;
    while (i < end && ENDS_FIELD_KEY[bytes[i] as number] === 0) {
      hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
      i += 1;
    }
    if (i === keyStart || bytes[i] !== EQUALS || mayBeTime(bytes, keyStart, i)) return IRREGULAR;
    const slot = (hash ^ (hash >>> 14)) & (seenIn.length - 1);
    if (seenIn[slot] === recordNumber) return IRREGULAR;
    seenIn[slot] = recordNumber;

    i = endOfValue(bytes, i + 1, end);
    if (i === IRREGULAR || i >= end) return i;
    if (bytes[i] === SPACE) return i;
    if (bytes[i] !== COMMA) return IRREGULAR;
  }
}

/** The comma or space after a valid value, or `end`. */
function endOfValue(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return IRREGULAR;
  const first = bytes[start] as number;
  if (first === QUOTE) return endOfString(bytes, start + 1, end);
  if (isDigit(first) || first === MINUS) return endOfNumber(bytes, start, end);
  const literalEnd = endOfLiteral(bytes, start, end);
  if (literalEnd - start === 1)
    return first === 0x74 || first === 0x66 || first === 0x54 || first === 0x46 ? literalEnd : IRREGULAR;
  return isTrue(bytes, start, literalEnd) || checkBoolean(bytes, start, literalEnd) === undefined
    ? literalEnd
    : IRREGULAR;
}

function endOfString(bytes: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; i += 1) {
    if (ENDS_STRING[bytes[i] as number] === 0) continue;
    if (bytes[i] === QUOTE) return i + 1;
    i += 1;
  }
  return IRREGULAR;
}

/** Digits with at most one point and an `i` after them need no closer look, unless there are very many. */
function endOfNumber(bytes: Uint8Array, start: number, end: number): number {
  let i = bytes[start] === MINUS ? start + 1 : start;
  const digitsStart = i;
  while (i < end && isDigit(bytes[i] as number)) i += 1;
  const isPlainInteger = bytes[i] === 0x69 && i - digitsStart <= 18;
  if (i > digitsStart && isPlainInteger) return i + 1;
  if (i > digitsStart && bytes[i] === 0x2e) {
    i += 1;
    while (i < end && isDigit(bytes[i] as number)) i += 1;
  }
  const isPlain = i === end || bytes[i] === COMMA || bytes[i] === SPACE;
  if (isPlain && i > digitsStart && i - start < 300) return i;
  const literalEnd = endOfLiteral(bytes, i, end);
  return checkNumber(bytes, start, literalEnd) === undefined ? literalEnd : IRREGULAR;
}

function endOfLiteral(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i] !== COMMA && bytes[i] !== SPACE) i += 1;
  return i;
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

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Nothing at all, or one space and an integer that ends the record. */
function isTimestamp(bytes: Uint8Array, fieldsEnd: number, end: number): boolean {
  if (fieldsEnd >= end) return true;
  let i = fieldsEnd + 1;
  if (bytes[i] === MINUS) i += 1;
  if (i >= end) return false;
  while (i < end && isDigit(bytes[i] as number)) i += 1;
  return i === end;
}
