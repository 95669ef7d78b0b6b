import type { Precision } from '@ceres/internal';
import { asBuffer } from '../bytes';
import type { LineProtocolError } from '../errors';
import { checkPrecision } from '../options';
import { faultError } from '../record/fault';
import { checkTimestampRange } from '../record/timestamp';
import { RecordCursor } from '../scan/scan-lines';
import { LineCounter } from './line-counter';

/** A record that InfluxDB would refuse, with the reason. */
export interface InvalidRecord {
  /** The number of the record, counted from 0. */
  readonly index: number;
  readonly start: number;
  /** The offset of the LF, or the end of the bytes. */
  readonly end: number;
  readonly error: LineProtocolError;
}

/**
 * Yields every record that InfluxDB 1.x would refuse, or take and not be able to read again; nothing if all are good.
 *
 * The range of timestamps depends on `precision`; default: `ns`, the widest. What depends on the content of a database cannot be
 * checked here: a field's type there, and its limits.
 *
 * @example
 * ```ts
 * const bytes = Buffer.from('cpu user=1 1795421700\ncpu user=\n');
 * for (const { index, error } of validateLines(bytes)) console.error(index, error.code, error.message);
 * ```
 */
export function* validateLines(
  bytes: Uint8Array,
  options: { readonly precision?: Precision } = {},
): Generator<InvalidRecord, void, undefined> {
  const precision = checkPrecision('precision', options.precision ?? 'ns');
  const buffer = asBuffer(bytes);
  const lines = new LineCounter(buffer);
  const cursor = new RecordCursor(buffer, 'validate');
  for (let index = 0; cursor.next(); index += 1) {
    const { start, end } = cursor;
    const fault = cursor.fault ?? checkTimestampRange(buffer, cursor.layout, precision);
    if (fault)
      yield { index, start, end, error: faultError(fault, buffer, { start, index, line: lines.lineAt(start) }) };
  }
}
