import { LineProtocolError } from '../errors';
import type { ResolvedEncodeOptions } from '../options';
import type { Point } from '../point';
import { convertTimestamp, type Precision, precisionLoss } from '../precision';

/** The timestamp of a point in the precision of the line, or `undefined` if it has none. */
export function pointTimestamp(
  timestamp: Point['timestamp'],
  stampNs: bigint | undefined,
  options: ResolvedEncodeOptions,
): bigint | undefined {
  const { precision, timestampPrecision, onPrecisionLoss } = options;
  if (timestamp === undefined) {
    return stampNs === undefined ? undefined : convertTimestamp(stampNs, 'ns', precision, onPrecisionLoss);
  }
  if (timestamp instanceof Date) {
    return convertTimestamp(fromDate(timestamp), 'ms', precision, onPrecisionLoss);
  }
  const exact = exactTimestamp(timestamp, timestampPrecision, options);
  return convertTimestamp(exact, timestampPrecision, precision, onPrecisionLoss);
}

function fromDate(date: Date): bigint {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw invalid('an invalid Date');
  return BigInt(ms);
}

function exactTimestamp(
  timestamp: bigint | number | string,
  from: Precision,
  { precision, onPrecisionLoss }: ResolvedEncodeOptions,
): bigint {
  if (typeof timestamp === 'bigint') return timestamp;
  if (typeof timestamp === 'number') {
    if (Number.isSafeInteger(timestamp)) return BigInt(timestamp);
    if (Number.isInteger(timestamp)) {
      throw invalid(`the number ${timestamp}, beyond 2^53: it may already be rounded, so pass a bigint or digits`);
    }
    if (!Number.isFinite(timestamp)) throw invalid(`the number ${timestamp}`);
    if (onPrecisionLoss === 'truncate') return BigInt(Math.floor(timestamp));
    throw precisionLoss(`${timestamp} (${from})`, precision, 'ns');
  }
  if (typeof timestamp === 'string' && /^-?\d+$/.test(timestamp)) return BigInt(timestamp);
  throw invalid(typeof timestamp === 'string' ? `the text ${JSON.stringify(timestamp)}` : `a ${typeof timestamp}`);
}

function invalid(what: string): LineProtocolError {
  return new LineProtocolError(
    'INVALID_TIMESTAMP',
    `a timestamp is a Date, bigint, integer or digit string, but this point has ${what}`,
  );
}
