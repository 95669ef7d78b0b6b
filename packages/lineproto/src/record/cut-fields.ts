import { asBuffer, BACKSLASH, COMMA, EQUALS, QUOTE } from '../bytes';
import { unescapeName } from './escape';
import { type Fault, syntax } from './fault';
import { checkBoolean, checkNumber, startsNumber } from './field-value';
import { isTime, KEY_BYTES_MAX } from './series/series-key';

/** The offsets of a record's fields in its bytes. */
export interface FieldSetLayout {
  fieldsStart: number;
  /** The offset of the space after the fields, or the end of the record. */
  fieldsEnd: number;
  /** Three offsets for each field: of its key, its value and its end. */
  readonly fields: number[];
}

/** How far the second pass is: in a key, or in the value behind it. */
export interface Cut {
  at: number;
  keyStart: number;
  /** -1 in a key. */
  valueStart: number;
  inString: boolean;
}

export function cutFrom(start: number): Cut {
  return { at: start, keyStart: start, valueStart: -1, inString: false };
}

/** Goes on to `until`, or to the end of the fields. */
export function cutFields(bytes: Uint8Array, layout: FieldSetLayout, cut: Cut, until: number): Fault | undefined {
  const { fieldsEnd, fields } = layout;
  const stop = Math.min(fieldsEnd, until);
  let { at: i, keyStart } = cut;
  while (i < stop) {
    if (cut.valueStart === -1) {
      while (i < stop && !(bytes[i] === EQUALS && (i === keyStart || bytes[i - 1] !== BACKSLASH))) i += 1;
      if (i === stop && stop < fieldsEnd) break;
      if (i + 1 >= fieldsEnd) return syntax('a field has no value', i);
      i += 1;
      cut.valueStart = i;
      cut.inString = false;
    }
    i = goThroughValue(bytes, i, stop, fieldsEnd, cut);
    if (i < fieldsEnd && (cut.inString || bytes[i] !== COMMA)) break;
    fields.push(keyStart, cut.valueStart, i);
    i += 1;
    keyStart = i;
    cut.valueStart = -1;
  }
  cut.at = i;
  cut.keyStart = keyStart;
  return undefined;
}

/** Returns the offset of the comma behind the value, or where it stopped. */
function goThroughValue(bytes: Uint8Array, from: number, stop: number, end: number, cut: Cut): number {
  let { inString } = cut;
  let i = from;
  while (i < stop) {
    const byte = bytes[i];
    if (byte === BACKSLASH && i + 1 < end && (bytes[i + 1] === QUOTE || bytes[i + 1] === BACKSLASH)) i += 1;
    else if (byte === QUOTE) inString = !inString;
    else if (byte === COMMA && !inString) break;
    i += 1;
  }
  cut.inString = inString;
  return i;
}

/** The reason of the fault of a record that gives a field twice, with different types. */
export const GIVEN_TWICE = 'one field is given twice, with different types';

/** How far the fields are checked. */
export interface Check {
  next: number;
  stored: number;
  /** If all fields have one type, none can be given twice with different ones: no key needs to be read. */
  readonly types: Map<string, FieldType> | undefined;
}

export function checkOf(bytes: Uint8Array, { fields }: FieldSetLayout): Check {
  return { next: 0, stored: 0, types: hasSeveralTypes(bytes, fields) ? new Map<string, FieldType>() : undefined };
}

/** Checks the next fields, at most `count`. */
export function checkFields(
  bytes: Uint8Array,
  { fields }: FieldSetLayout,
  check: Check,
  keyBytesMax: number,
  count: number,
): Fault | undefined {
  const { types } = check;
  const last = Math.min(fields.length, check.next + 3 * count);
  for (let i = check.next; i < last; i += 3) {
    const [keyStart = 0, valueStart = 0, valueEnd = 0] = [fields[i], fields[i + 1], fields[i + 2]];
    if (valueStart - 1 - keyStart > keyBytesMax) {
      return { code: 'KEY_TOO_LONG', reason: `series key and field key exceed ${KEY_BYTES_MAX} bytes`, at: keyStart };
    }
    const type = fieldType(bytes, valueStart, valueEnd);
    const fault = checkValue(bytes, valueStart, valueEnd, type);
    if (fault) return fault;
    if (isTime(bytes, keyStart, valueStart - 1)) continue;
    check.stored += 1;
    const key = types && unescapeName(asBuffer(bytes).toString('latin1', keyStart, valueStart - 1));
    if (key !== undefined && (types?.get(key) ?? type) !== type) {
      return { code: 'INVALID_VALUE', reason: GIVEN_TWICE, at: valueStart };
    }
    if (key !== undefined) types?.set(key, type);
  }
  check.next = last;
  if (check.stored > 0 || last < fields.length) return undefined;
  return { code: 'INVALID_NAME', reason: "a field cannot be named 'time'", at: fields[0] ?? 0 };
}

function hasSeveralTypes(bytes: Uint8Array, fields: readonly number[]): boolean {
  if (fields.length <= 3) return false;
  const first = fieldType(bytes, fields[1] ?? 0, fields[2] ?? 0);
  for (let i = 3; i < fields.length; i += 3) {
    if (fieldType(bytes, fields[i + 1] ?? 0, fields[i + 2] ?? 0) !== first) return true;
  }
  return false;
}

export type FieldType = 'string' | 'integer' | 'float' | 'boolean';

/** Returns the type that InfluxDB gives a value: by its first byte, and for numbers by its last. */
export function fieldType(bytes: Uint8Array, start: number, end: number): FieldType {
  const first = bytes[start];
  if (first === QUOTE) return 'string';
  if (!startsNumber(first) && first !== 0x69) return 'boolean';
  return bytes[end - 1] === 0x69 ? 'integer' : 'float';
}

/**
 * Checks a value that the first pass has not seen as one, because it cut the fields elsewhere. InfluxDB 1.6.7 reads `m a\\="`
 * this way: it takes the line, its engine panics on the lone quote, and the whole server is gone.
 */
function checkValue(bytes: Uint8Array, start: number, end: number, type: FieldType): Fault | undefined {
  if (type === 'string') return end - start < 2 ? syntax('a string value is a lone quote', start) : undefined;
  return type === 'boolean' ? checkBoolean(bytes, start, end) : checkNumber(bytes, start, end);
}
