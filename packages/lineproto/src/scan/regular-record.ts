import { BACKSLASH, byteSet, COMMA, EQUALS, HASH, LF, MINUS, NUL, QUOTE, SPACE, TAB } from '../bytes';
import { endOfDigits } from '../record/field-value';
import { type KnownKeys, type RecordKeys, UNLIKE } from './known-keys';
import { endOfValue, IRREGULAR } from './regular-value';

/** The offsets in the bytes of a record that {@link scanRegularRecord} finds. */
export interface PartsLayout {
  seriesEnd: number;
  fieldsStart: number;
  fieldsEnd: number;
  timestampStart: number;
  timestampEnd: number;
}

/** A record of this size cannot hold a series key and a field key that exceed InfluxDB's 65,535 bytes together. */
const RECORD_BYTES_MAX = 65_000;

/**
 * Finds the end of the record that begins at `start`, and its parts, in one pass, if it is written as encoders write. It
 * gives up at anything else, and leaves it to `RecordBoundary` and `RecordLayout.scan`. It accepts nothing that they refuse, and
 * finds the end where they do.
 *
 * It gives up at tags that are not in order, two backslashes together in a series key, backslashes or quotes in field keys, a
 * key that may be `time`, keys that may be equal, blanks other than one space between the parts, and records so long that a
 * key could be too long.
 *
 * @param limit where the bytes end
 * @param keys those of a record before it in the same bytes; those of this one replace them where they differ
 * @returns the offset of the LF that ends the record, `limit` if there is none, or {@link IRREGULAR}
 */
export function scanRegularRecord(
  bytes: Uint8Array,
  start: number,
  limit: number,
  layout: PartsLayout,
  keys: RecordKeys | undefined,
): number {
  const near = Math.min(limit, start + RECORD_BYTES_MAX);
  let seriesEnd = keys === undefined ? UNLIKE : endOfLikeSeriesKey(bytes, start, near, keys.tags);
  if (seriesEnd === UNLIKE) seriesEnd = endOfSeriesKey(bytes, start, near, keys?.tags);
  if (seriesEnd === IRREGULAR) return IRREGULAR;
  const fieldsEnd = keys
    ? endOfLikeFields(bytes, seriesEnd + 1, near, keys.fields)
    : endOfFields(bytes, seriesEnd + 1, near, undefined, 0);
  if (fieldsEnd === IRREGULAR) return IRREGULAR;
  const hasTimestamp = fieldsEnd < near && bytes[fieldsEnd] === SPACE;
  const end = hasTimestamp ? endOfTimestamp(bytes, fieldsEnd + 1, near) : fieldsEnd;
  if (end === IRREGULAR || (end === near && near < limit)) return IRREGULAR;
  layout.seriesEnd = seriesEnd;
  layout.fieldsStart = seriesEnd + 1;
  layout.fieldsEnd = fieldsEnd;
  layout.timestampStart = hasTimestamp ? fieldsEnd + 1 : end;
  layout.timestampEnd = end;
  return end;
}

// The bytes that may end each section.
const ENDS_NAME = byteSet([COMMA, EQUALS, SPACE, BACKSLASH, LF]);
const ENDS_FIELD_KEY = byteSet([COMMA, EQUALS, SPACE, QUOTE, BACKSLASH, TAB, NUL, LF]);
const CANNOT_BEGIN = byteSet([COMMA, HASH, SPACE, TAB, NUL, LF]);

/** Returns the offset of the space after `measurement,tag=value…` with known keys. */
function endOfLikeSeriesKey(bytes: Uint8Array, start: number, limit: number, keys: KnownKeys): number {
  let i = start;
  for (let number = 0; number < keys.count; number += 1) {
    const valueStart = keys.endAt(number, i, limit);
    if (valueStart === UNLIKE) return UNLIKE;
    i = endOfName(bytes, valueStart, limit);
    if (i <= valueStart || i >= limit) return UNLIKE;
    if (bytes[i] === SPACE) return i;
  }
  return UNLIKE;
}

/** Returns the offset of the space after `measurement[,tag=value…]`. */
function endOfSeriesKey(bytes: Uint8Array, start: number, limit: number, keys: KnownKeys | undefined): number {
  keys?.clear();
  if (start >= limit || CANNOT_BEGIN[bytes[start] as number] !== 0) return IRREGULAR;
  let i = endOfMeasurement(bytes, start, limit);
  let previousStart = 0;
  let previousEnd = 0;
  while (i < limit && bytes[i] === COMMA) {
    const keyStart = i + 1;
    const equals = endOfName(bytes, keyStart, limit);
    if (equals <= keyStart || bytes[equals] !== EQUALS || mayBeTime(bytes, keyStart, equals)) return IRREGULAR;
    if (previousEnd > 0 && !isBefore(bytes, previousStart, previousEnd, keyStart, equals)) return IRREGULAR;
    i = endOfName(bytes, equals + 1, limit);
    if (i <= equals + 1 || bytes[i] === EQUALS) return IRREGULAR;
    keys?.add(previousEnd === 0 ? start : keyStart - 1, equals + 1);
    previousStart = keyStart;
    previousEnd = equals;
  }
  return i < limit && bytes[i] === SPACE ? i : IRREGULAR;
}

/** Returns the end of a measurement, in which `=` is a letter like any other. */
function endOfMeasurement(bytes: Uint8Array, start: number, limit: number): number {
  let i = endOfName(bytes, start, limit);
  while (i !== IRREGULAR && i < limit && bytes[i] === EQUALS) i = endOfName(bytes, i + 1, limit);
  return i;
}

/** Returns the offset of the next `,`, `=` or space that no backslash precedes, of a LF, or `limit`. */
function endOfName(bytes: Uint8Array, from: number, limit: number): number {
  let i = from;
  for (;;) {
    while (i < limit && ENDS_NAME[bytes[i] as number] === 0) i += 1;
    if (i >= limit || bytes[i] !== BACKSLASH) return i;
    const hidden = i + 1 < limit ? bytes[i + 1] : LF;
    if (hidden === BACKSLASH || hidden === LF) return IRREGULAR;
    i += 2;
  }
}

function mayBeTime(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 4 && bytes[start] === 0x74;
}

/** Returns whether key `a` stands before key `b` in byte order. */
function isBefore(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): boolean {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  let i = 0;
  while (i < length && bytes[aStart + i] === bytes[bStart + i]) i += 1;
  return i < length ? (bytes[aStart + i] as number) < (bytes[bStart + i] as number) : aEnd - aStart < bEnd - bStart;
}

/** Numbers the records, and remembers in which one each hash of a field key was seen last. If that is this record, it may hold the key twice. */
const fieldKeys = { record: 0, seenIn: new Int32Array(16 * 1024) };

/** Returns the offset of the space, the LF or `limit` after `key=value[,key=value…]`, which mostly has known keys, at least at first. */
function endOfLikeFields(bytes: Uint8Array, start: number, limit: number, keys: KnownKeys): number {
  let fieldStart = start;
  for (let number = 0; number < keys.count; number += 1) {
    const valueStart = keys.endAt(number, fieldStart, limit);
    if (valueStart === UNLIKE) return endOfFields(bytes, fieldStart, limit, keys, number);
    const i = endOfValue(bytes, valueStart, limit);
    if (i === IRREGULAR || i >= limit || bytes[i] === SPACE || bytes[i] === LF) return i;
    if (bytes[i] !== COMMA) return IRREGULAR;
    fieldStart = i + 1;
  }
  return endOfFields(bytes, fieldStart, limit, keys, keys.count);
}

/**
 * Returns the offset of the space, the LF or `limit` after `key=value[,key=value…]`.
 *
 * @param known how many of the `keys` stand before these, in the same record; those from here on are added to them
 */
function endOfFields(
  bytes: Uint8Array,
  start: number,
  limit: number,
  keys: KnownKeys | undefined,
  known: number,
): number {
  fieldKeys.record = (fieldKeys.record + 1) | 0;
  keys?.keepFirst(known);
  for (let number = 0; keys !== undefined && number < known; number += 1) isSeenAgain(keys.hashOf(number));
  for (let i = start; ; i += 1) {
    const keyStart = i;
    // Two sums, as in Fletcher's checksum: a product for each byte would have to wait for the one before.
    let sum = 0;
    let sumOfSums = 0;
    while (i < limit) {
      const byte = bytes[i] as number;
      if (ENDS_FIELD_KEY[byte] !== 0) break;
      sum = (sum + byte) | 0;
      sumOfSums = (sumOfSums + sum) | 0;
      i += 1;
    }
    if (i === keyStart || i >= limit || bytes[i] !== EQUALS || mayBeTime(bytes, keyStart, i)) return IRREGULAR;
    const hash = Math.imul(sumOfSums, 0x9e3779b1) ^ sum;
    if (isSeenAgain(hash)) return IRREGULAR;
    keys?.add(keyStart, i + 1, hash);

    i = endOfValue(bytes, i + 1, limit);
    if (i === IRREGULAR || i >= limit) return i;
    const after = bytes[i];
    if (after === SPACE || after === LF) return i;
    if (after !== COMMA) return IRREGULAR;
  }
}

function isSeenAgain(hash: number): boolean {
  const { record, seenIn } = fieldKeys;
  const slot = (hash ^ (hash >>> 15)) & (seenIn.length - 1);
  if (seenIn[slot] === record) return true;
  seenIn[slot] = record;
  return false;
}

/** The digits of the greatest int64. */
const TIMESTAMP_DIGITS_MAX = 19;

/** Returns the offset of the LF, or `limit`, after an integer. */
function endOfTimestamp(bytes: Uint8Array, from: number, limit: number): number {
  const digitsStart = bytes[from] === MINUS ? from + 1 : from;
  const end = endOfDigits(bytes, digitsStart, limit);
  if (end - digitsStart > TIMESTAMP_DIGITS_MAX) return IRREGULAR;
  return end > digitsStart && (end >= limit || bytes[end] === LF) ? end : IRREGULAR;
}
