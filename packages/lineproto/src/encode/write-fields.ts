import { QUOTE, SPACE } from '../bytes';
import { LineProtocolError } from '../errors';
import type { FieldValue, Point } from '../point';
import { escapeString, quote } from '../record/escape';
import { INT64_MAX, INT64_MIN, shownInteger } from '../record/int64';
import { FIELD_KEY_SEPARATOR_BYTES, KEY_BYTES_MAX } from '../record/series/series-key';
import { kind, type TypedNumber, toInt64 } from '../typed-number';
import type { ByteWriter } from './byte-writer';
import type { FieldName, MeasurementNames } from './names/measurement-names';
import { notAnObject, writtenName } from './names/written-name';
import { writeBigInt, writeFloat } from './values/write-number';
import { NOT_WRITTEN, STRING_VALUE, writeAscii } from './values/write-text';

/** Writes ` key=value[,key=value…]`. */
export function writeFields(
  writer: ByteWriter,
  start: number,
  names: MeasurementNames,
  fields: Point['fields'],
  seriesKeyBytes: number,
): number {
  const nameBytesMax = KEY_BYTES_MAX - FIELD_KEY_SEPARATOR_BYTES - seriesKeyBytes + ',='.length;
  let at = start;
  let name = names.firstField;
  for (const key in fields) {
    const value = fields[key];
    if (value === null || value === undefined) continue;
    const { next } = name;
    name = next !== undefined && next.text === key ? next : names.fieldKey(key, name);
    if (name.byteLength > nameBytesMax) throw keyTooLong(key);
    at = writer.name(at, name);
    at = writeValue(writer, at, value, name);
  }
  if (typeof fields === 'string') throw notAnObject('the fields', fields); // its letters were taken for fields
  if (at === start) throw noFields(names.measurement.text);
  // The comma before the first field was written here.
  writer.byte(start, SPACE);
  return at;
}

function writeValue(writer: ByteWriter, at: number, value: FieldValue, name: FieldName): number {
  if (typeof value === 'number' && !name.isInteger) return writeNumber(writer, at, value, name);
  if (typeof value === 'string') return writeString(writer, at, value);
  if (typeof value === 'boolean') return writer.name(at, value ? TRUE : FALSE);
  return writeTyped(writer, at, value, name);
}

const TRUE = writtenName('true', 'true', '', '');
const FALSE = writtenName('false', 'false', '', '');

/** Writes a value whose type is given with it, or known from a schema. */
function writeTyped(writer: ByteWriter, at: number, value: number | bigint | TypedNumber, name: FieldName): number {
  if (typeof value === 'number') return writeInteger(writer, at, toInt64(value), name);
  if (typeof value === 'bigint') return writeInteger(writer, at, value, name);
  if (typeof value !== 'object' || !(kind in value)) throw invalidValue(name, `a ${typeof value}`);
  if (value[kind] === 'integer') return writeInteger(writer, at, BigInt(value.value), name);
  return writeNumber(writer, at, Number(value.value), name);
}

const INTEGER_SUFFIX = 0x69;

function writeNumber(writer: ByteWriter, at: number, value: number, name: FieldName): number {
  if (!Number.isFinite(value)) throw invalidValue(name, String(value));
  return writeFloat(writer, at, value);
}

function writeInteger(writer: ByteWriter, at: number, value: bigint, name: FieldName): number {
  if (value < INT64_MIN || value > INT64_MAX) throw invalidValue(name, `${shownInteger(value)}, outside int64`);
  return writer.byte(writeBigInt(writer, at, value), INTEGER_SUFFIX);
}

function writeString(writer: ByteWriter, start: number, value: string): number {
  const at = writer.byte(start, QUOTE);
  const end = writeAscii(writer, at, value, STRING_VALUE);
  if (end !== NOT_WRITTEN) return writer.byte(end, QUOTE);
  writer.holdsNewline ||= value.includes('\n');
  return writer.byte(writer.utf8(at, escapeString(value)), QUOTE);
}

function noFields(measurement: string): LineProtocolError {
  return new LineProtocolError(
    'NO_FIELDS',
    `the point of measurement ${quote(measurement)} has no field value; give it at least one`,
  );
}

function keyTooLong(key: string): LineProtocolError {
  return new LineProtocolError('KEY_TOO_LONG', `series key and field key ${quote(key)} exceed ${KEY_BYTES_MAX} bytes`);
}

function invalidValue({ text }: FieldName, what: string): LineProtocolError {
  return new LineProtocolError('INVALID_VALUE', `field ${quote(text)} is ${what}, which InfluxDB cannot store`);
}
