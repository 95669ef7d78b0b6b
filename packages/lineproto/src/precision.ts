import { nanosecondsPer, type Precision, precisions } from '@ceres/internal';
import { LineProtocolError } from './errors';
import { shownInteger } from './record/int64';

/** Decides what happens to a timestamp that is finer than the precision it must be written in. */
export type OnPrecisionLoss = 'refuse' | 'truncate';

/**
 * InfluxDB's range of times, in ns: int64 without its two lowest values and its highest, which the server keeps for
 * itself (`MinNanoTime` and `MaxNanoTime` in its `models/time.go`).
 */
const TIMESTAMP_NS_MIN = -(2n ** 63n) + 2n;
const TIMESTAMP_NS_MAX = 2n ** 63n - 2n;

/** Returns whether InfluxDB can store a timestamp given in `precision`. */
export function isTimestampInRange(timestamp: bigint, precision: Precision): boolean {
  const ns = timestamp * nanosecondsPer[precision];
  return ns >= TIMESTAMP_NS_MIN && ns <= TIMESTAMP_NS_MAX;
}

/**
 * Returns the same moment in another precision, exactly.
 *
 * Truncation goes to the earlier moment, also before 1970, as InfluxDB's own does (Go's `Time.Truncate`).
 *
 * @throws LineProtocolError `INVALID_TIMESTAMP` outside InfluxDB's range, `PRECISION_LOSS` if it is finer than `to` and must
 * not be truncated
 */
export function convertTimestamp(timestamp: bigint, from: Precision, to: Precision, onLoss: OnPrecisionLoss): bigint {
  const ns = timestamp * nanosecondsPer[from];
  if (ns < TIMESTAMP_NS_MIN || ns > TIMESTAMP_NS_MAX) throw timestampOutOfRange(shownInteger(timestamp), from);
  const unit = nanosecondsPer[to];
  const rest = ((ns % unit) + unit) % unit;
  if (rest !== 0n && onLoss === 'refuse') throw precisionLoss(`${timestamp} (${from})`, to, finestFor(ns));
  return (ns - rest) / unit;
}

/** Returns the error for a timestamp that InfluxDB cannot store. */
export function timestampOutOfRange(shown: string, precision: Precision): LineProtocolError {
  const message = `timestamp ${shown} (${precision}) is outside InfluxDB's range, the years 1677 to 2262`;
  return new LineProtocolError('INVALID_TIMESTAMP', message);
}

function precisionLoss(timestamp: string, to: Precision, holds: Precision): LineProtocolError {
  return new LineProtocolError(
    'PRECISION_LOSS',
    `timestamp ${timestamp} cannot be written in precision '${to}' without loss; ` +
      `use precision '${holds}', or set onPrecisionLoss to 'truncate'`,
  );
}

/** Returns the coarsest precision that holds a time exactly. */
function finestFor(ns: bigint): Precision {
  return precisions.findLast((precision) => ns % nanosecondsPer[precision] === 0n) ?? 'ns';
}
