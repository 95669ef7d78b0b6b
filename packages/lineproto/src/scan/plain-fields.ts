import { BACKSLASH, byteSet, COMMA, EQUALS, LF, NUL, QUOTE, SPACE, TAB } from '../bytes';

/** Three offsets for each field: of its key, its value and its end. */
export type FieldOffsets = number[];

/** The record needs the exact rules. */
const NOT_PLAIN = -1;

/** `=` ends a plain key, which holds none of the others. */
const ENDS_KEY = byteSet([EQUALS, COMMA, SPACE, QUOTE, BACKSLASH, TAB, NUL, LF]);

/**
 * Cuts the fields of a valid record where they are written as encoders write them: without a backslash, without a field
 * that may be `time`, one space before them. Then they can be read in place; `parseLine`, which makes objects, is five
 * times as slow.
 *
 * @returns how many fields, or `undefined` for a record that needs the exact rules
 */
export function cutPlainFields(
  bytes: Uint8Array,
  { seriesEnd, fieldsEnd }: { readonly seriesEnd: number; readonly fieldsEnd: number },
  offsets: FieldOffsets,
): number | undefined {
  let fields = 0;
  for (let at = seriesEnd; at < fieldsEnd; fields += 1) {
    const keyStart = at + 1;
    let i = keyStart;
    while (i < fieldsEnd && ENDS_KEY[bytes[i] as number] === 0) i += 1;
    if (i === keyStart || bytes[i] !== EQUALS || mayBeTime(bytes, keyStart, i)) return undefined;
    at = endOfPlainValue(bytes, i + 1, fieldsEnd);
    if (at === NOT_PLAIN) return undefined;
    offsets[3 * fields] = keyStart;
    offsets[3 * fields + 1] = i + 1;
    offsets[3 * fields + 2] = at;
  }
  return fields;
}

/** Returns whether a key may be `time`: InfluxDB leaves out a field of that name. */
function mayBeTime(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 4 && bytes[start] === 0x74;
}

/** Returns the offset of the comma after the value, or `end`. */
function endOfPlainValue(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  if (bytes[i] === QUOTE) {
    for (i += 1; i < end && bytes[i] !== QUOTE; i += 1) if (bytes[i] === BACKSLASH) return NOT_PLAIN;
    i += 1;
    return i === end || (i < end && bytes[i] === COMMA) ? i : NOT_PLAIN;
  }
  while (i < end && bytes[i] !== COMMA) i += 1;
  return i;
}
