import type { Precision } from '@ceres/internal';
import { asBuffer } from '../bytes';
import { LineProtocolError } from '../errors';
import { checkOnPrecisionLoss, checkPrecision } from '../options';
import { convertTimestamp, type OnPrecisionLoss } from '../precision';
import { faultError } from '../record/fault';
import { readTimestamp } from '../record/timestamp';
import { RecordCursor } from '../scan/scan-lines';
import { LineCounter } from './line-counter';

/**
 * Returns the same records with their timestamps in another precision. Every other byte is kept, and records without a
 * timestamp stay as they are.
 *
 * @throws LineProtocolError with the `index` of the record: `PRECISION_LOSS` if a timestamp is finer than `to` and must not be
 * truncated, `INVALID_TIMESTAMP` outside InfluxDB's range, or the fault of a record that InfluxDB would refuse. `INVALID_OPTIONS`
 * for a precision that does not exist
 */
export function rescale(
  bytes: Uint8Array,
  from: Precision,
  to: Precision,
  onPrecisionLoss: OnPrecisionLoss,
): Uint8Array {
  const buffer = asBuffer(bytes);
  checkPrecision('from', from);
  checkPrecision('to', to);
  checkOnPrecisionLoss(onPrecisionLoss);
  const cursor = new RecordCursor(buffer);
  const { layout } = cursor;
  const parts: Uint8Array[] = [];
  let copied = 0;
  for (let index = 0; cursor.next(); index += 1) {
    const { start, fault } = cursor;
    if (fault) throw faultError(fault, buffer, { start, index, line: new LineCounter(buffer).lineAt(start) });
    const timestamp = readTimestamp(buffer, layout);
    if (timestamp === undefined) continue;
    const rescaled = convertAt(index, timestamp, from, to, onPrecisionLoss);
    parts.push(buffer.subarray(copied, layout.timestampStart), Buffer.from(String(rescaled), 'latin1'));
    copied = layout.timestampEnd;
  }
  parts.push(buffer.subarray(copied));
  return Buffer.concat(parts);
}

function convertAt(index: number, timestamp: bigint, from: Precision, to: Precision, onLoss: OnPrecisionLoss): bigint {
  try {
    return convertTimestamp(timestamp, from, to, onLoss);
  } catch (error) {
    if (!(error instanceof LineProtocolError)) throw error;
    throw new LineProtocolError(error.code, `record ${index}: ${error.message}`, { index, cause: error });
  }
}
