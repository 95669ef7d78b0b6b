import { BACKSLASH, COMMA, EQUALS, QUOTE, SPACE, skipBlanks, skipBlanksInSteps } from '../bytes';
import { checkFields, checkOf, cutFields, cutFrom, type FieldSetLayout } from './cut-fields';
import { type Fault, syntax } from './fault';
import { checkBoolean, checkNumber, startsNumber } from './field-value';
import { FIELD_KEY_SEPARATOR_BYTES, KEY_BYTES_MAX } from './series/series-key';

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
  const start = beginFields(skipBlanks(bytes, seriesEnd, end), end, layout);
  const keyBytesMax = fieldKeyBytesMax(seriesEnd - seriesStart);
  return (
    findFieldsEnd(bytes, end, layout, walkFrom(start), end) ??
    cutFields(bytes, layout, cutFrom(start), end) ??
    checkFields(bytes, layout, checkOf(bytes, layout), keyBytesMax, layout.fields.length)
  );
}

/** How far a long record is walked in one step. */
const stepBytes = 64 * 1024;
const stepFields = 4_096;
/** A record that is walked in steps has at most this many fields, and no number or boolean of more bytes: what is longer could not be stepped through. */
const longRecordFieldsMax = 200_000;
const literalBytesMax = 512 * 1024;

/** Does the same as {@link scanFieldSet} for a long record, step by step. */
export function* scanFieldSetInSteps(
  bytes: Uint8Array,
  seriesStart: number,
  seriesEnd: number,
  end: number,
  layout: FieldSetLayout,
): Generator<void, Fault | undefined, undefined> {
  const start = beginFields(yield* skipBlanksInSteps(bytes, seriesEnd, end), end, layout);
  const walk = walkFrom(start);
  while (!walk.isDone) {
    const fault = findFieldsEnd(bytes, end, layout, walk, walk.at + stepBytes, literalBytesMax);
    if (fault) return fault;
    yield;
  }
  const cut = cutFrom(start);
  while (cut.at < layout.fieldsEnd) {
    const fault = cutFields(bytes, layout, cut, cut.at + stepBytes);
    if (fault) return fault;
    if (layout.fields.length > 3 * longRecordFieldsMax) return tooManyFields(start);
    yield;
  }
  const check = checkOf(bytes, layout);
  while (check.next < layout.fields.length) {
    const fault = checkFields(bytes, layout, check, fieldKeyBytesMax(seriesEnd - seriesStart), stepFields);
    if (fault) return fault;
    yield;
  }
  return undefined;
}

function tooManyFields(at: number): Fault {
  const reason = `a record of over ${stepBytes} bytes has more than ${longRecordFieldsMax} fields: split it`;
  return { code: 'INVALID_VALUE', reason, at };
}

function beginFields(start: number, end: number, layout: FieldSetLayout): number {
  layout.fields.length = 0;
  layout.fieldsStart = start;
  layout.fieldsEnd = end;
  return start;
}

/** Returns the most bytes that a field key may have behind a series key. */
function fieldKeyBytesMax(seriesKeyBytes: number): number {
  return KEY_BYTES_MAX - FIELD_KEY_SEPARATOR_BYTES - seriesKeyBytes;
}

/** How far the first pass is. */
interface Walk {
  at: number;
  inString: boolean;
  equals: number;
  commas: number;
  isDone: boolean;
}

function walkFrom(start: number): Walk {
  return { at: start, inString: false, equals: 0, commas: 0, isDone: false };
}

/** Goes on to `until`, or to the end of the fields. */
function findFieldsEnd(
  bytes: Uint8Array,
  end: number,
  layout: FieldSetLayout,
  walk: Walk,
  until: number,
  literalMax = end, // an integer, which is faster than Infinity
): Fault | undefined {
  let { at: i, inString, equals, commas } = walk;
  const stop = Math.min(end, until);
  let isAtSpace = false;
  while (i < stop) {
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
        const valueEnd = endOfLiteral(bytes, i + 1, Math.min(end, i + 2 + literalMax));
        if (valueEnd - i - 1 > literalMax)
          return syntax(`a number or boolean has more than ${literalMax} bytes`, i + 1);
        const fault = startsNumber(next) ? checkNumber(bytes, i + 1, valueEnd) : checkBoolean(bytes, i + 1, valueEnd);
        if (fault) return fault;
        i = valueEnd;
        continue;
      }
    } else if (byte === COMMA) {
      commas += 1;
    } else if (byte === SPACE) {
      isAtSpace = true;
      break;
    }
    i += 1;
  }
  walk.at = i;
  walk.inString = inString;
  walk.equals = equals;
  walk.commas = commas;
  walk.isDone = isAtSpace || i >= end;
  if (!walk.isDone) return undefined;
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
