import { LineProtocolError } from './errors';
import { escapeFieldKey, escapeMeasurement, escapeString, escapeTagKey, escapeTagValue, quote } from './escape';
import type { ResolvedEncodeOptions } from './options';
import type { FieldValue, Point } from './point';
import { FIELD_KEY_SEPARATOR_BYTES, KEY_BYTES_MAX } from './series-key';
import { pointTimestamp } from './timestamp';
import { INT64_MAX, INT64_MIN, kind, toInt64 } from './typed-number';

/** A point as one line, without LF. */
export function formatPoint(point: Point, stampNs: bigint | undefined, options: ResolvedEncodeOptions): string {
  const series = formatSeriesKey(point);
  const fields = formatFields(point, Buffer.byteLength(series), options);
  const timestamp = pointTimestamp(point.timestamp, stampNs, options);
  return timestamp === undefined ? `${series} ${fields}` : `${series} ${fields} ${timestamp}`;
}

function formatSeriesKey({ measurement, tags = {} }: Point): string {
  checkText(measurement, 'the measurement');
  const pairs: [key: string, value: string][] = [];
  for (const key of Object.keys(tags)) {
    const value = tags[key];
    if (value === undefined) continue;
    checkText(value, `the value of tag ${quote(key)}`);
    pairs.push([escapeTagKey(key), escapeTagValue(value, key)]);
  }
  pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return [escapeMeasurement(measurement), ...pairs.map(([key, value]) => `${key}=${value}`)].join(',');
}

function formatFields({ measurement, fields }: Point, seriesBytes: number, options: ResolvedEncodeOptions): string {
  const integers = options.integerFields.get(measurement);
  const parts: string[] = [];
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value === null || value === undefined) continue;
    const escaped = escapeFieldKey(key);
    if (seriesBytes + FIELD_KEY_SEPARATOR_BYTES + Buffer.byteLength(escaped) > KEY_BYTES_MAX) {
      throw new LineProtocolError('KEY_TOO_LONG', `series key and field key exceed ${KEY_BYTES_MAX} bytes`);
    }
    parts.push(`${escaped}=${formatValue(value, key, integers?.has(key) ?? false)}`);
  }
  if (parts.length > 0) return parts.join(',');
  throw new LineProtocolError('NO_FIELDS', `the point of measurement ${quote(measurement)} has no field value`);
}

function formatValue(value: FieldValue, key: string, asInteger: boolean): string {
  if (typeof value === 'number') return asInteger ? `${toInt64(value)}i` : formatFloat(value, key);
  if (typeof value === 'string') return `"${escapeString(value)}"`;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'bigint') return formatInteger(value, key);
  if (typeof value === 'object' && kind in value) {
    return value[kind] === 'integer' ? formatInteger(BigInt(value.value), key) : formatFloat(Number(value.value), key);
  }
  throw invalidValue(key, `a ${typeof value}`);
}

function formatFloat(value: number, key: string): string {
  if (!Number.isFinite(value)) throw invalidValue(key, String(value));
  return Object.is(value, -0) ? '-0' : String(value);
}

function formatInteger(value: bigint, key: string): string {
  if (value < INT64_MIN || value > INT64_MAX) throw invalidValue(key, `${value}, outside int64`);
  return `${value}i`;
}

function checkText(value: unknown, what: string): void {
  if (typeof value !== 'string')
    throw new LineProtocolError('INVALID_NAME', `${what} is not a string but ${typeof value}`);
}

function invalidValue(key: string, what: string): LineProtocolError {
  return new LineProtocolError('INVALID_VALUE', `field ${quote(key)} is ${what}, which InfluxDB cannot store`);
}
