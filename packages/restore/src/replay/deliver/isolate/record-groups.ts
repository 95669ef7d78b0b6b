import type { TypeConflict } from '@ceres/influx-http/internal';
import { type ParsedPoint, type Precision, parseLine } from '@ceres/lineproto';
import type { WriteAddress } from '../../route/body';
import { STRING_BYTES_MAX } from '../../route/record-filter';
import type { BodyRecords } from '../body-records';

/**
 * Records that InfluxDB stores or refuses alike, in the order of the body: what it says of the first is true of all.
 * A search then sends one record of each group, however many the body has.
 */
export type RecordGroup = readonly number[];

/** Puts each record into a group of its own. */
export function single(numbers: readonly number[]): RecordGroup[] {
  return numbers.map((n) => [n]);
}

/** Groups records by series: a limit of series or of tag values refuses a series, at every time. */
export function bySeries(records: BodyRecords, { precision }: WriteAddress, numbers: readonly number[]): RecordGroup[] {
  return grouped(numbers, (n) => {
    const point = parsed(records.text(n), precision);
    return point && JSON.stringify([point.measurement, Object.entries(point.tags).sort(byName)]);
  });
}

/** Groups records of one shard by measurement and the types of their fields. */
export function byTypes(records: BodyRecords, { precision }: WriteAddress, numbers: readonly number[]): RecordGroup[] {
  return grouped(numbers, (n) => {
    const point = parsed(records.text(n), precision);
    return point && JSON.stringify([point.measurement, typesOf(point)]);
  });
}

/** Groups records by shard. Shards are judged by the policy's present shard duration. */
export function byShard(records: BodyRecords, to: WriteAddress, numbers: readonly number[]): RecordGroup[] {
  return grouped(numbers, (n) => String(records.shardOf(n, to)));
}

/** Returns the type of each field of a record, by its measurement and name; none if the record does not parse. */
export function fieldTypesOf(records: BodyRecords, { precision }: WriteAddress, n: number): Map<string, string> {
  const point = parsed(records.text(n), precision);
  if (point === undefined) return new Map();
  return new Map(typesOf(point).map(([field, type]) => [fieldKey(point.measurement, field), type]));
}

/** Returns the name of a field among those of all measurements. */
export function fieldKey(measurement: string, field: string): string {
  return JSON.stringify([measurement, field]);
}

/** Returns whether a record gives the field the type that was refused. */
export function isInConflict(record: string, precision: Precision, conflict: TypeConflict): boolean {
  const point = parsed(record, precision);
  const value = point?.measurement === conflict.measurement ? point.fields[conflict.field] : undefined;
  return value !== undefined && typeOf(value) === conflict.given;
}

/** Returns whether a record has a string of more bytes than InfluxDB stores from 1.9 on (`tsdb/field_validator.go`). */
export function hasTooLongString(record: string, precision: Precision): boolean {
  const point = record.length > STRING_BYTES_MAX / 4 ? parsed(record, precision) : undefined;
  return Object.values(point?.fields ?? {}).some((value) => {
    return typeof value === 'string' && Buffer.byteLength(value) > STRING_BYTES_MAX;
  });
}

/** Returns whether a record may have a field `time`. `parseLine` does not tell, because it leaves that field out as InfluxDB does. */
export function mayHaveTimeField(record: string): boolean {
  return /[ ,]time=/.test(record);
}

function grouped(numbers: readonly number[], keyOf: (n: number) => string | undefined): RecordGroup[] {
  const groups = new Map<string | number, number[]>();
  for (const n of numbers) {
    const key = keyOf(n) ?? n; // Nothing is known of a record that does not parse.
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [n]);
    else group.push(n);
  }
  return [...groups.values()];
}

function parsed(record: string, precision: Precision): ParsedPoint | undefined {
  try {
    return parseLine(record, { precision });
  } catch {
    return undefined; // It is refused for another reason.
  }
}

function typesOf({ fields }: ParsedPoint): [field: string, type: string][] {
  return Object.entries(fields)
    .map(([field, value]): [string, string] => [field, typeOf(value)])
    .sort(byName);
}

function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}

function typeOf(value: number | bigint | boolean | string): string {
  if (typeof value === 'number') return 'float';
  return typeof value === 'bigint' ? 'integer' : typeof value;
}
