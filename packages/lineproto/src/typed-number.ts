import { LineProtocolError } from './errors';
import { quote } from './record/escape';
import { INT64_MAX, INT64_MIN, parseInt64, shownInteger } from './record/int64';

/** A registered symbol, so that the ESM copy of this package knows values that its CommonJS copy made. */
export const kind: unique symbol = Symbol.for('@ceres/lineproto/kind');

/** A number with its InfluxDB type: `integer(5)` is `5n`, `float(5)` is `5`. */
export interface TypedNumber {
  readonly [kind]: 'integer' | 'float';
  readonly value: bigint | number;
}

/**
 * Returns an integer field value, given as a number, a bigint or digits.
 *
 * @throws LineProtocolError `INVALID_VALUE` for a fraction, a number beyond ±2^53 (it may already be rounded: pass a
 * bigint or digits), text that is not decimal digits, or a value outside int64
 */
export function integer(value: number | bigint | string): TypedNumber {
  return { [kind]: 'integer', value: toInt64(value) };
}

/**
 * Returns a float field value; the same as passing the number.
 *
 * @throws LineProtocolError `INVALID_VALUE` for NaN and ±Infinity, which InfluxDB cannot store
 */
export function float(value: number): TypedNumber {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new LineProtocolError('INVALID_VALUE', `InfluxDB cannot store the float ${String(value)}`);
  }
  return { [kind]: 'float', value };
}

/** Returns the exact integer, or throws a coded error. */
export function toInt64(value: number | bigint | string): bigint {
  if (typeof value === 'number' ? !Number.isSafeInteger(value) : typeof value === 'string' && !/^-?\d+$/.test(value)) {
    throw new LineProtocolError(
      'INVALID_VALUE',
      `${quote(String(value))} is not an exact integer; pass a bigint or decimal digits`,
    );
  }
  const exact = typeof value === 'string' ? parseInt64(value) : BigInt(value);
  if (exact !== undefined && exact >= INT64_MIN && exact <= INT64_MAX) return exact;
  throw new LineProtocolError('INVALID_VALUE', `the integer ${shownInteger(value)} is outside int64`);
}
