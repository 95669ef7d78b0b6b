import { asBuffer, BACKSLASH, COMMA, EQUALS, QUOTE, SPACE, skipBlanks } from '../bytes';
import { unescapeName } from './escape';
import { type Fault, syntax } from './fault';
import { checkBoolean, checkNumber, startsNumber } from './field-value';
import { FIELD_KEY_SEPARATOR_BYTES, isTime, KEY_BYTES_MAX } from './series/series-key';

/** The offsets of a record's fields in its bytes. */
export interface FieldSetLayout {
  fieldsStart: number;
  /** The offset of the space after the fields, or the end of the record. */
  fieldsEnd: number;
  /** Three offsets for each field: of its key, its value and its end. */
  readonly fields: number[];
}

/**
 * Walks `key=value[,key=value…]` twice, as InfluxDB does. A first pass finds the end and checks numbers and booleans. A second
 * pass, with slightly different rules, cuts keys from values. What only one of them can read is refused.
 */
export function scanFieldSet(
  bytes: Uint8Array,
  seriesStart: number,
  seriesEnd: number,
  end: number,
  layout: FieldSetLayout,
): Fault | undefined {
  layout.fields.length = 0;
  layout.fieldsStart = skipBlanks(bytes, seriesEnd, end);
  layout.fieldsEnd = end;
  return (
    findFieldsEnd(bytes, end, layout) ?? cutFields(bytes, layout) ?? checkFields(bytes, seriesEnd - seriesStart, layout)
  );
}

function findFieldsEnd(bytes: Uint8Array, end: number, layout: FieldSetLayout): Fault | undefined {
  let i = layout.fieldsStart;
  let inString = false;
  let equals = 0;
  let commas = 0;
  while (i < end) {
    const byte = bytes[i];
    if (byte === BACKSLASH && i + 1 < end) {
      i += 2;
      continue;
    }
    if (byte === QUOTE && equals > commas) {
      inString = !inString;
    } else if (inString) {
      // Everything is data.
    } else if (byte === EQUALS) {
      equals += 1;
      if ((bytes[i - 1] === SPACE || bytes[i - 1] === COMMA) && bytes[i - 2] !== BACKSLASH) {
        return syntax('a field key is missing', i);
      }
      const next = i + 1 < end ? bytes[i + 1] : undefined;
      if (next === undefined || next === COMMA || next === SPACE) return syntax('a field value is missing', i + 1);
      if (next !== QUOTE) {
        const valueEnd = endOfLiteral(bytes, i + 1, end);
        const fault = startsNumber(next) ? checkNumber(bytes, i + 1, valueEnd) : checkBoolean(bytes, i + 1, valueEnd);
        if (fault) return fault;
        i = valueEnd;
        continue;
      }
    } else if (byte === COMMA) {
      commas += 1;
    } else if (byte === SPACE) {
      break;
    }
    i += 1;
  }
  layout.fieldsEnd = i;
  if (inString) return syntax('a string value has no closing quote', i);
  if (equals === 0) return syntax('the fields are missing', layout.fieldsStart);
  if (commas !== equals - 1) return syntax('a field has no key or no value', i);
  return undefined;
}

/** Returns the end of a number or boolean, which is the next comma or space: nothing in them can be escaped. */
function endOfLiteral(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i] !== COMMA && bytes[i] !== SPACE) i += 1;
  return i;
}

function cutFields(bytes: Uint8Array, { fieldsStart, fieldsEnd, fields }: FieldSetLayout): Fault | undefined {
  let i = fieldsStart;
  while (i < fieldsEnd) {
    const keyStart = i;
    while (i < fieldsEnd && !(bytes[i] === EQUALS && (i === keyStart || bytes[i - 1] !== BACKSLASH))) i += 1;
    if (i + 1 >= fieldsEnd) return syntax('a field has no value', i);
    const valueStart = i + 1;
    i = endOfFieldValue(bytes, valueStart, fieldsEnd);
    fields.push(keyStart, valueStart, i);
    i += 1;
  }
  return undefined;
}

function endOfFieldValue(bytes: Uint8Array, from: number, end: number): number {
  let inString = false;
  let i = from;
  while (i < end) {
    const byte = bytes[i];
    if (byte === BACKSLASH && i + 1 < end && (bytes[i + 1] === QUOTE || bytes[i + 1] === BACKSLASH)) i += 1;
    else if (byte === QUOTE) inString = !inString;
    else if (byte === COMMA && !inString) break;
    i += 1;
  }
  return i;
}

function checkFields(bytes: Uint8Array, seriesKeyBytes: number, { fields }: FieldSetLayout): Fault | undefined {
  let stored = 0;
  // If all fields have one type, none can be given twice with different ones: no key needs to be read.
  const types = hasSeveralTypes(bytes, fields) ? new Map<string, FieldType>() : undefined;
  for (let i = 0; i < fields.length; i += 3) {
    const [keyStart = 0, valueStart = 0, valueEnd = 0] = [fields[i], fields[i + 1], fields[i + 2]];
    const keyBytes = valueStart - 1 - keyStart;
    if (seriesKeyBytes + FIELD_KEY_SEPARATOR_BYTES + keyBytes > KEY_BYTES_MAX) {
      return { code: 'KEY_TOO_LONG', reason: `series key and field key exceed ${KEY_BYTES_MAX} bytes`, at: keyStart };
    }
    const type = fieldType(bytes, valueStart, valueEnd);
    const fault = checkValue(bytes, valueStart, valueEnd, type);
    if (fault) return fault;
    if (isTime(bytes, keyStart, valueStart - 1)) continue;
    stored += 1;
    const key = types && unescapeName(asBuffer(bytes).toString('latin1', keyStart, valueStart - 1));
    if (key !== undefined && (types?.get(key) ?? type) !== type) {
      return { code: 'INVALID_VALUE', reason: 'one field is given twice, with different types', at: valueStart };
    }
    if (key !== undefined) types?.set(key, type);
  }
  if (stored > 0) return undefined;
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
