import type { Precision } from '@ceres/internal';
import { asBuffer, QUOTE } from '../bytes';
import { LineProtocolError } from '../errors';
import { type ParseOptions, resolveParseOptions } from '../options';
import type { ParsedPoint } from '../point';
import { fieldType } from '../record/cut-fields';
import { unescapeName, unescapeString, unescapeTag } from '../record/escape';
import { faultError } from '../record/fault';
import { readBoolean } from '../record/field-value';
import { parseInt64 } from '../record/int64';
import { RecordLayout } from '../record/record-layout';
import { compareTagKeys, isTime } from '../record/series/series-key';
import { checkTimestampRange, readTimestamp } from '../record/timestamp';
import { examine, recordBounds } from '../scan/scan-lines';
import { LineCounter } from './line-counter';

/**
 * Returns the point of one line, with or without its LF, as InfluxDB 1.x would store it.
 *
 * A field `time` beside others is left out, as the server does. If a field is given twice, its last value counts.
 *
 * @throws LineProtocolError with `line` and `column`: `SYNTAX` where InfluxDB could not parse the line (also for no record, or
 * more than one), `INVALID_NAME`, `INVALID_VALUE`, `INVALID_TIMESTAMP` or `KEY_TOO_LONG` where it would refuse what it
 * parsed
 */
export function parseLine(line: string, options: ParseOptions): ParsedPoint {
  const [first, second] = take(parseLines(line, options), 2);
  if (first === undefined)
    throw new LineProtocolError('SYNTAX', 'expected one record, got none', { line: 1, column: 1 });
  if (second !== undefined)
    throw new LineProtocolError('SYNTAX', 'expected one record, got more than one; use parseLines()');
  return first;
}

function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

/**
 * Yields the point of every record of a text, in order; blank lines and comments are skipped.
 *
 * @throws LineProtocolError as {@link parseLine}, with the `index` of the record, when the iteration reaches a bad record
 */
export function* parseLines(text: string, options: ParseOptions): Generator<ParsedPoint, void, undefined> {
  const { precision } = resolveParseOptions(options);
  const bytes = Buffer.from(text);
  const layout = new RecordLayout();
  const lines = new LineCounter(bytes);
  let index = 0;
  for (const bounds of recordBounds(bytes)) {
    const { start } = bounds;
    const fault = examine(bytes, bounds, layout) ?? checkTimestampRange(bytes, layout, precision);
    if (fault) throw faultError(fault, bytes, { start, index, line: lines.lineAt(start) });
    yield readPoint(bytes, start, layout);
    index += 1;
  }
}

/**
 * Returns the point of one record in bytes, with one character for each byte of its names and strings (latin1): they need not
 * be UTF-8, and what is read as UTF-8 loses the bytes that are not. Returns `undefined` if InfluxDB would refuse the record.
 */
export function parseRecordBytes(record: Uint8Array, precision: Precision): ParsedPoint | undefined {
  const buffer = asBuffer(record);
  const layout = new RecordLayout();
  for (const bounds of recordBounds(buffer)) {
    const fault = examine(buffer, bounds, layout) ?? checkTimestampRange(buffer, layout, precision);
    return fault ? undefined : readPoint(buffer, bounds.start, layout, 'latin1');
  }
  return undefined;
}

type Encoding = 'utf8' | 'latin1';

/** Returns the point of a valid record. */
function readPoint(bytes: Uint8Array, start: number, layout: RecordLayout, encoding: Encoding = 'utf8'): ParsedPoint {
  const buffer = asBuffer(bytes);
  const { tags, fields } = layout;
  const order = Array.from({ length: tags.length / 3 }, (_, i) => 3 * i);
  order.sort((a, b) => compareTagKeys(bytes, tags, a, b));

  const point = { tags: {}, fields: {} };
  for (const i of order) {
    const [keyStart = 0, equals = 0, end = 0] = [tags[i], tags[i + 1], tags[i + 2]];
    const key = unescapeTag(buffer.toString(encoding, keyStart, equals));
    setOwn(point.tags, key, unescapeTag(buffer.toString(encoding, equals + 1, end)));
  }
  for (let i = 0; i < fields.length; i += 3) {
    const [keyStart = 0, valueStart = 0, end = 0] = [fields[i], fields[i + 1], fields[i + 2]];
    if (isTime(bytes, keyStart, valueStart - 1)) continue;
    const key = unescapeName(buffer.toString(encoding, keyStart, valueStart - 1));
    setOwn(point.fields, key, readValue(buffer, valueStart, end, encoding));
  }
  return {
    measurement: unescapeName(buffer.toString(encoding, start, layout.measurementEnd)),
    ...point,
    timestamp: readTimestamp(bytes, layout),
  };
}

function readValue(buffer: Buffer, start: number, end: number, encoding: Encoding): number | bigint | boolean | string {
  if (buffer[start] === QUOTE) return unescapeString(buffer.toString(encoding, start + 1, end - 1));
  const text = buffer.toString('latin1', start, end);
  switch (fieldType(buffer, start, end)) {
    case 'integer':
      return parseInt64(text.slice(0, -1)) ?? 0n; // A valid record's fits.
    case 'float':
      return Number(text);
    default:
      return readBoolean(text) ?? false;
  }
}

/** Sets a property, also `__proto__`, which a plain assignment would lose. */
function setOwn(target: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}
