import { asBuffer } from './bytes';
import type { LineProtocolError } from './errors';
import { faultError } from './fault';
import { LineCounter } from './line-counter';
import { checkPrecision } from './options';
import type { Precision } from './precision';
import { RecordLayout } from './record-layout';
import { examine, recordBounds } from './scan-lines';
import { checkTimestampRange } from './timestamp-text';

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
  const precision = checkPrecision(options.precision ?? 'ns');
  const buffer = asBuffer(bytes);
  const layout = new RecordLayout();
  let index = 0;
  const lines = new LineCounter(buffer);
  for (const bounds of recordBounds(buffer)) {
    const { start, end } = bounds;
    const fault = examine(buffer, bounds, layout) ?? checkTimestampRange(buffer, layout, precision);
    if (fault)
      yield { index, start, end, error: faultError(fault, buffer, { start, index, line: lines.lineAt(start) }) };
    index += 1;
  }
}
