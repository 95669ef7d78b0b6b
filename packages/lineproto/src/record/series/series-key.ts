import { asBuffer, BACKSLASH, COMMA, EQUALS, SPACE } from '../../bytes';
import { type Fault, syntax } from '../fault';

/** The most bytes that a series key and a field key may take together in InfluxDB's storage. */
export const KEY_BYTES_MAX = 65_535;
/** The bytes that stand between the two keys there. */
export const FIELD_KEY_SEPARATOR_BYTES = 4;

/** The offsets of a series key's parts in the bytes of a record. */
export interface SeriesKeyLayout {
  /** The offset of the comma or the space after the measurement. */
  measurementEnd: number;
  /** The offset of the space that ends the key. */
  seriesEnd: number;
  /** Three offsets for each tag: of its key, its `=` and its end. */
  readonly tags: number[];
}

/**
 * Walks `measurement[,tag=value…]` as InfluxDB does: `,`, `=` and space mean something unless the byte before them is a
 * backslash, even one that is itself preceded by a backslash.
 */
export function scanSeriesKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  layout: SeriesKeyLayout,
): Fault | undefined {
  layout.tags.length = 0;
  layout.measurementEnd = layout.seriesEnd = end;
  if (bytes[start] === COMMA) return syntax('the measurement is missing', start);
  let i = start + 1;
  while (i < end && !(isSeparator(bytes[i]) && bytes[i - 1] !== BACKSLASH)) i += 1;
  if (i >= end) return syntax('the fields are missing', end);
  layout.measurementEnd = i;

  while (bytes[i] === COMMA) {
    const tagStart = i + 1;
    const equals = endOfTagKey(bytes, tagStart, end);
    if (equals < 0) return syntax('a tag key is missing or has no value', -equals - 1);
    const tagEnd = endOfTagValue(bytes, equals + 1, end);
    if (tagEnd < 0) return syntax('a tag value is missing or holds an unescaped =', -tagEnd - 1);
    if (tagEnd === end) return syntax('the fields are missing', end);
    if (tagEnd - start > KEY_BYTES_MAX) return keyTooLong(start, tagEnd); // Before its tags take memory.
    layout.tags.push(tagStart, equals, tagEnd);
    i = tagEnd;
  }
  layout.seriesEnd = i;
  return i - start > KEY_BYTES_MAX ? keyTooLong(start, i) : checkTags(bytes, layout);
}

function isSeparator(byte: number | undefined): boolean {
  return byte === COMMA || byte === SPACE;
}

/** Returns the offset of the `=`, or `-at - 1` for a fault at `at`. The first byte of a key is never escaped. */
function endOfTagKey(bytes: Uint8Array, from: number, end: number): number {
  if (from >= end || isSeparator(bytes[from]) || bytes[from] === EQUALS) return -from - 1;
  for (let i = from + 1; i < end; i += 1) {
    if (bytes[i - 1] === BACKSLASH) continue;
    if (bytes[i] === EQUALS) return i;
    if (isSeparator(bytes[i])) return -i - 1;
  }
  return -end - 1;
}

/** Returns the offset of the `,` or space, or `end`, or `-at - 1` for a fault. InfluxDB lets a value begin with an unescaped `=`. */
function endOfTagValue(bytes: Uint8Array, from: number, end: number): number {
  if (from >= end || isSeparator(bytes[from])) return -from - 1;
  for (let i = from + 1; i < end; i += 1) {
    if (bytes[i - 1] === BACKSLASH) continue;
    if (isSeparator(bytes[i])) return i;
    if (bytes[i] === EQUALS) return -i - 1;
  }
  return end;
}

function checkTags(bytes: Uint8Array, { tags }: SeriesKeyLayout): Fault | undefined {
  let sorted = true;
  for (let i = 0; i < tags.length; i += 3) {
    const [start = 0, equals = 0] = [tags[i], tags[i + 1]];
    if (isTime(bytes, start, equals)) {
      return { code: 'INVALID_NAME', reason: "a tag cannot be named 'time'", at: start };
    }
    if (i > 0) sorted &&= compareTagKeys(bytes, tags, i - 3, i) < 0;
  }
  return sorted ? undefined : findDuplicate(bytes, tags);
}

function findDuplicate(bytes: Uint8Array, tags: readonly number[]): Fault | undefined {
  const seen = new Set<string>();
  for (let i = 0; i < tags.length; i += 3) {
    const key = asBuffer(bytes).toString('latin1', tags[i], tags[i + 1]);
    if (seen.has(key)) return syntax('two tags have the same key', tags[i] ?? 0);
    seen.add(key);
  }
  return undefined;
}

/** Compares two keys byte by byte as they are written, escapes included: the order in which InfluxDB keeps tags. */
export function compareTagKeys(bytes: Uint8Array, tags: readonly number[], a: number, b: number): number {
  return asBuffer(bytes).compare(bytes, tags[b], tags[b + 1], tags[a], tags[a + 1]);
}

export function keyTooLong(start: number, end: number): Fault {
  return {
    code: 'KEY_TOO_LONG',
    reason: `the series key has at least ${end - start} bytes, over ${KEY_BYTES_MAX}`,
    at: start,
  };
}

/** Returns whether a key is `time`, InfluxDB's own column. */
export function isTime(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === 4 &&
    bytes[start] === 0x74 &&
    bytes[start + 1] === 0x69 &&
    bytes[start + 2] === 0x6d &&
    bytes[start + 3] === 0x65
  );
}
