import type { Precision } from '@ceres/internal';
import { asBuffer } from '../bytes';
import type { LineProtocolError } from '../errors';
import { checkPrecision } from '../options';
import { faultError } from '../record/fault';
import { checkTimestampRange } from '../record/timestamp';
import { RecordCursor } from '../scan/scan-lines';
import { LineCounter } from './line-counter';

/** A record that InfluxDB would refuse, and why. */
export interface InvalidRecord {
  /** Among the records, from 0. */
  readonly index: number;
  readonly start: number;
  /** Before the LF. */
  readonly end: number;
  readonly error: LineProtocolError;
}

/**
 * Every record that InfluxDB 1.x would refuse, judged one by one; nothing if all are good.
 *
 * The range of timestamps depends on `precision`, by default the widest, `ns`. What depends on the content of a
 * database (a field's type there, its limits) cannot be judged here.
 */
export function* validateLines(
  bytes: Uint8Array,
  options: { readonly precision?: Precision } = {},
): Generator<InvalidRecord, void, undefined> {
  const precision = checkPrecision('precision', options.precision ?? 'ns');
  const buffer = asBuffer(bytes);
  const lines = new LineCounter(buffer);
  const cursor = new RecordCursor(buffer);
  for (let index = 0; cursor.next(); index += 1) {
    const { start, end } = cursor;
    const fault = cursor.fault ?? checkTimestampRange(buffer, cursor.layout, precision);
    if (fault)
      yield { index, start, end, error: faultError(fault, buffer, { start, index, line: lines.lineAt(start) }) };
  }
}
