import type { TypeConflict } from '@ceres/influx-http/internal';
import { type ParsedPoint, type Precision, parseLine } from '@ceres/lineproto';

/** Returns whether a record gives the field the type that was refused. */
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
