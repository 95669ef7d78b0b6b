import { COMMA, EQUALS, QUOTE } from '../bytes';
import { LineProtocolError } from '../errors';
import { escapeFieldKey, escapeString, quote } from '../escape';
import type { FieldValue, Point } from '../point';
import { FIELD_KEY_SEPARATOR_BYTES, KEY_BYTES_MAX } from '../series-key';
import { INT64_MAX, INT64_MIN, kind, toInt64 } from '../typed-number';
import type { ByteWriter } from './byte-writer';
import { writeBigInt, writeFloat } from './write-number';
import { FIELD_KEY, STRING_VALUE, writeAscii, writeEscapedName } from './write-text';

const INTEGER_SUFFIX = 0x69;

/** Writes `key=value[,key=value…]`. */
export function writeFields(
  writer: ByteWriter,
  { measurement, fields }: Point,
  seriesKeyBytes: number,
  integerFields: ReadonlySet<string> | undefined,
): void {
  const start = writer.at;
  for (const key in fields) {
    const value = fields[key];
    if (value === null || value === undefined) continue;
    if (writer.at > start) writer.byte(COMMA);
    writeFieldKey(writer, key, seriesKeyBytes);
    writer.byte(EQUALS);
    writeValue(writer, value, key, integerFields?.has(key) === true);
  }
  if (writer.at > start) return;
  throw new LineProtocolError('NO_FIELDS', `the point of measurement ${quote(measurement)} has no field value`);
}

function writeFieldKey(writer: ByteWriter, key: string, seriesKeyBytes: number): void {
  const start = writer.at;
  if (key === 'time' || !writeAscii(writer, key, FIELD_KEY)) writeEscapedName(writer, key, escapeFieldKey(key));
  if (seriesKeyBytes + FIELD_KEY_SEPARATOR_BYTES + writer.at - start > KEY_BYTES_MAX) {
    throw new LineProtocolError('KEY_TOO_LONG', `series key and field key ${quote(key)} exceed ${KEY_BYTES_MAX} bytes`);
  }
}

function writeValue(writer: ByteWriter, value: FieldValue, key: string, asInteger: boolean): void {
  switch (typeof value) {
    case 'number':
      if (asInteger) writeInteger(writer, toInt64(value), key);
      else if (Number.isFinite(value)) writeFloat(writer, value);
      else throw invalidValue(key, String(value));
      return;
    case 'string':
      writeString(writer, value);
      return;
    case 'boolean':
      writer.ascii(value ? 'true' : 'false');
      return;
    case 'bigint':
      writeInteger(writer, value, key);
      return;
    case 'object':
      if (kind in value) {
        if (value[kind] === 'integer') writeInteger(writer, BigInt(value.value), key);
        else writeValue(writer, Number(value.value), key, false);
        return;
      }
  }
  throw invalidValue(key, `a ${typeof value}`);
}

function writeInteger(writer: ByteWriter, value: bigint, key: string): void {
  if (value < INT64_MIN || value > INT64_MAX) throw invalidValue(key, `${value}, outside int64`);
  writeBigInt(writer, value);
  writer.byte(INTEGER_SUFFIX);
}

function writeString(writer: ByteWriter, value: string): void {
  writer.byte(QUOTE);
  if (!writeAscii(writer, value, STRING_VALUE)) writer.utf8(escapeString(value));
  writer.byte(QUOTE);
}

function invalidValue(key: string, what: string): LineProtocolError {
  return new LineProtocolError('INVALID_VALUE', `field ${quote(key)} is ${what}, which InfluxDB cannot store`);
}
