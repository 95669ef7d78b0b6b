import { LineProtocolError } from './errors';

/** A registered symbol, so that the ESM copy of this package knows values that its CommonJS copy made. */
export const kind: unique symbol = Symbol.for('@ceres/lineproto/kind');

/** A number with its InfluxDB type: `integer(5)` is `5n`, `float(5)` is `5`. */
export interface TypedNumber {
  readonly [kind]: 'integer' | 'float';
  readonly value: bigint | number;
}

export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;

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
  const exact = toBigInt(value);
  if (exact === undefined) {
    throw new LineProtocolError(
      'INVALID_VALUE',
      `${JSON.stringify(String(value))} is not an exact integer; pass a bigint or decimal digits`,
    );
  }
  if (exact < INT64_MIN || exact > INT64_MAX) {
    throw new LineProtocolError('INVALID_VALUE', `the integer ${exact} is outside int64`);
  }
  return exact;
}

function toBigInt(value: number | bigint | string): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}
