import { nanosecondsPer, type Precision } from '@ceres/internal';
import { LineProtocolError } from '../../errors';
import type { ResolvedEncodeOptions } from '../../options';
import type { Point } from '../../point';
import { convertTimestamp, timestampOutOfRange } from '../../precision';
import { quote } from '../../record/escape';
import { parseInt64, shownInteger } from '../../record/int64';

/** Returns the timestamp of a point in the precision of the line, or `undefined` if it has none. */
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
  if (typeof timestamp === 'number' && Number.isFinite(timestamp) && !Number.isInteger(timestamp)) {
    if (onPrecisionLoss === 'refuse') throw fractional(timestamp, timestampPrecision);
    return convertTimestamp(nanosecondsOf(timestamp, timestampPrecision), 'ns', precision, onPrecisionLoss);
  }
  return convertTimestamp(
    exactTimestamp(timestamp, timestampPrecision),
    timestampPrecision,
    precision,
    onPrecisionLoss,
  );
}

/** Returns a number with a fraction in ns; what is finer than a nanosecond is cut off. */
function nanosecondsOf(timestamp: number, unit: Precision): bigint {
  const whole = Math.floor(timestamp);
  return BigInt(whole) * nanosecondsPer[unit] + BigInt(Math.floor((timestamp - whole) * Number(nanosecondsPer[unit])));
}

function fractional(timestamp: number, unit: Precision): LineProtocolError {
  return new LineProtocolError(
    'PRECISION_LOSS',
    `timestamp ${timestamp} is not a whole number of ${unit}; give it in a finer timestampPrecision, or set onPrecisionLoss to 'truncate'`,
  );
}

function fromDate(date: Date): bigint {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw invalid('an invalid Date');
  return BigInt(ms);
}

function exactTimestamp(timestamp: bigint | number | string, unit: Precision): bigint {
  if (typeof timestamp === 'bigint') return timestamp;
  if (typeof timestamp === 'number') {
    if (Number.isSafeInteger(timestamp)) return BigInt(timestamp);
    if (!Number.isFinite(timestamp)) throw invalid(`the number ${timestamp}`);
    throw invalid(`the number ${timestamp}, beyond 2^53: it may already be rounded, so pass a bigint or digits`);
  }
  if (typeof timestamp === 'string' && /^-?\d+$/.test(timestamp)) {
    const exact = parseInt64(timestamp);
    if (exact === undefined) throw timestampOutOfRange(shownInteger(timestamp), unit);
    return exact;
  }
  throw invalid(typeof timestamp === 'string' ? `the text ${quote(timestamp)}` : `a ${typeof timestamp}`);
}

function invalid(what: string): LineProtocolError {
  return new LineProtocolError(
    'INVALID_TIMESTAMP',
    `expected the timestamp to be a Date, a bigint, an integer or a string of digits, got ${what}`,
  );
}
