import type { TypeConflict } from '@ceres/influx-http/internal';
import { type ParsedPoint, type Precision, parseLine } from '@ceres/lineproto';
import type { WriteAddress } from '../route/body';
import type { BodyRecords } from './body-records';

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

/**
 * Groups records by shard, measurement and the types of their fields, since InfluxDB keeps the types of a measurement's
 * fields by shard. Shards are judged by the policy's present shard duration.
 */
export function byTypes(records: BodyRecords, to: WriteAddress, numbers: readonly number[]): RecordGroup[] {
  return grouped(numbers, (n) => {
    const point = parsed(records.text(n), to.precision);
    return point && JSON.stringify([records.shardOf(n, to), point.measurement, typesOf(point)]);
  });
}

/** Returns the records that have a field to which records of the same shard and measurement give another type. */
export function withMixedTypes(records: BodyRecords, to: WriteAddress, numbers: readonly number[]): number[] {
  const types = new Map<string, string | undefined>();
  for (const n of numbers) {
    for (const [key, type] of fieldsOf(records, to, n)) {
      types.set(key, types.has(key) && types.get(key) !== type ? undefined : type);
    }
  }
  return numbers.filter((n) => fieldsOf(records, to, n).some(([key]) => types.get(key) === undefined));
}

/**
 * Splits groups into those that agree with the first type of each field, which a shard without the fields takes, and the
 * others. Sent in this order, neither part holds two types for one new field.
 */
export function byFirstType(
  records: BodyRecords,
  to: WriteAddress,
  groups: readonly RecordGroup[],
): readonly [agreeing: RecordGroup[], others: RecordGroup[]] {
  const types = new Map<string, string>();
  const agreeing: RecordGroup[] = [];
  const others: RecordGroup[] = [];
  for (const group of groups) {
    const fields = fieldsOf(records, to, group[0] ?? 0);
    const agrees = fields.every(([key, type]) => (types.get(key) ?? type) === type);
    if (agrees) for (const [key, type] of fields) types.set(key, type);
    (agrees ? agreeing : others).push(group);
  }
  return [agreeing, others];
}

/** Returns a record's fields, each by its shard, measurement and name, with their types. */
function fieldsOf(records: BodyRecords, to: WriteAddress, n: number): [key: string, type: string][] {
  const point = parsed(records.text(n), to.precision);
  if (point === undefined) return [];
  const place = [records.shardOf(n, to), point.measurement];
  return typesOf(point).map(([field, type]) => [JSON.stringify([...place, field]), type]);
}

/** Returns whether a record gives the field the type that was refused. */
export function isInConflict(record: string, precision: Precision, conflict: TypeConflict): boolean {
  const point = parsed(record, precision);
  const value = point?.measurement === conflict.measurement ? point.fields[conflict.field] : undefined;
  return value !== undefined && typeOf(value) === conflict.given;
}

/** Returns whether a record has a string of more bytes than InfluxDB stores from 1.9 on (`tsdb/field_validator.go`). */
export function hasTooLongString(record: string, precision: Precision): boolean {
  const point = record.length > stringBytesMax / 4 ? parsed(record, precision) : undefined;
  return Object.values(point?.fields ?? {}).some((value) => {
    return typeof value === 'string' && Buffer.byteLength(value) > stringBytesMax;
  });
}

const stringBytesMax = 1_048_576;

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
