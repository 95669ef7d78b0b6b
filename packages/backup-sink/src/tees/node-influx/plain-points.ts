import type { Point, Precision } from '@ceres/lineproto';
import type { IPoint } from 'influx';

/** How the points of a call are read. */
export interface PlainRules {
  readonly precision: Precision;
  /** Returns the time for a point without a timestamp, in `unit`. */
  stamp(unit: Precision): bigint;
  /** Says whether a schema decides the types of a measurement's fields. */
  hasSchema(measurement: string): boolean;
}

/**
 * Returns the points for the sink's own encoder, which makes of them what node-influx would make; `undefined` if one point is
 * not plain. A plain point has no schema, only text as tags, and only finite numbers, booleans and text as fields, all without
 * the bytes that node-influx escapes in its own way or not at all. Nearly all points are.
 *
 * The tags and fields are those of the caller: encode the points before anything else can run.
 */
export function readPlainPoints(points: readonly IPoint[], rules: PlainRules): Point[] | undefined {
  const plain = new Array<Point>(points.length);
  let lastMeasurement: string | undefined;
  for (let index = 0; index < points.length; index += 1) {
    const point = points[index];
    if (typeof point !== 'object' || point === null) return undefined;
    const { measurement, tags, fields } = point;
    if (measurement !== lastMeasurement) {
      if (!isPlainMeasurement(measurement) || rules.hasSchema(measurement)) return undefined;
      lastMeasurement = measurement;
    }
    if (measurement === undefined || fields === undefined || !arePlainTags(tags) || !arePlainFields(fields))
      return undefined;
    const timestamp = plainTimestamp(point.timestamp, rules);
    if (timestamp === undefined) return undefined;
    plain[index] = tags === undefined ? { measurement, fields, timestamp } : { measurement, tags, fields, timestamp };
  }
  return plain;
}

/** node-influx writes a measurement as it is, so a comma or a space would end it. */
function isPlainMeasurement(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && !/[\n\r\0\\#, ]/.test(name);
}

/** node-influx leaves a backslash as it is, and a line break would begin another point. */
const special = /[\n\r\0\\]/;

function arePlainTags(tags: unknown): tags is Record<string, string> | undefined {
  if (tags === undefined) return true;
  if (!isPlainObject(tags)) return false;
  for (const name in tags) {
    const value = tags[name];
    if (typeof value !== 'string' || value === '' || special.test(value) || !isPlainName(name)) return false;
  }
  return true;
}

/** node-influx escapes a string as InfluxDB reads it, but for a backslash before an apostrophe: the first one is doubled. */
function arePlainFields(fields: unknown): fields is Record<string, string | number | boolean> {
  if (!isPlainObject(fields)) return false;
  for (const name in fields) {
    const value = fields[name];
    const isPlain =
      typeof value === 'number'
        ? Number.isFinite(value) && !Object.is(value, -0) // node-influx writes 0 for -0
        : typeof value === 'boolean' || (typeof value === 'string' && !value.includes("\\'"));
    if (!isPlain || !isPlainName(name)) return false;
  }
  return true;
}

/** Says whether all that a loop finds in an object is its own, as `Object.keys` gives it. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The names that were found plain lately: a service writes the same few again and again. */
const plainNames = new Set<string>();
const plainNamesMax = 10_000;

function isPlainName(name: string): boolean {
  if (plainNames.has(name)) return true;
  if (name === '' || special.test(name)) return false;
  if (plainNames.size >= plainNamesMax) plainNames.clear();
  plainNames.add(name);
  return true;
}

/** Returns a timestamp in the precision of the call, as node-influx would cast it; `undefined` if it would refuse or change it. */
function plainTimestamp(given: unknown, { precision, stamp }: PlainRules): Point['timestamp'] {
  if (typeof given === 'string' && given !== '') return isDigits(given) ? given : undefined;
  if (typeof given === 'number') {
    if (Number.isSafeInteger(given)) return given;
    return isDigits(String(given)) ? String(given) : undefined;
  }
  if (given === undefined || given === '') return stamp(precision);
  if (!(given instanceof Date) || 'getNanoTime' in given) return undefined;
  const ms = given.getTime();
  if (Number.isNaN(ms)) return undefined;
  const unitMs = coarseUnitMs[precision];
  return unitMs === undefined ? given : Math.floor(ms / unitMs);
}

function isDigits(text: string): boolean {
  return text.length <= timestampDigitsMax && /^-?\d+$/.test(text);
}

/** The digits of an int64 with its sign. */
const timestampDigitsMax = 20;

/** Dates are cut to the precision of the call; the sink's encoder takes them whole where that is at least as fine as theirs. */
const coarseUnitMs: Partial<Record<Precision, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
