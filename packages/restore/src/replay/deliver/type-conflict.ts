import { type ParsedPoint, type Precision, parseLine } from '@ceres/lineproto';

/** A field that the target holds with another type. */
export interface TypeConflict {
  readonly measurement: string;
  readonly field: string;
  /** In InfluxDB's words: float, integer, string, boolean. */
  readonly given: string;
  readonly existing: string;
}

/** InfluxDB's message, which names both raw (tsdb/shard.go). */
const message = /input field "(.*)" on measurement "(.*)" is type (\w+), already exists as type (\w+)/s;

export function parseTypeConflict(text: string): TypeConflict | undefined {
  const [, field, measurement, given, existing] = message.exec(text) ?? [];
  if (field === undefined || measurement === undefined || given === undefined || existing === undefined)
    return undefined;
  return { measurement, field, given, existing };
}

/** Whether a record gives the field the type that was refused. */
export function isInConflict(record: string, precision: Precision, conflict: TypeConflict): boolean {
  let point: ParsedPoint;
  try {
    point = parseLine(record, { precision });
  } catch {
    return false; // not parseable: refused for another reason
  }
  const value = point.measurement === conflict.measurement ? point.fields[conflict.field] : undefined;
  return value !== undefined && typeOf(value) === conflict.given;
}

function typeOf(value: number | bigint | boolean | string): string {
  if (typeof value === 'number') return 'float';
  return typeof value === 'bigint' ? 'integer' : typeof value;
}
