import type { TypedNumber } from './typed-number';

/** `number` is a float, `bigint` an integer. */
export type FieldValue = number | bigint | boolean | string | TypedNumber;

/** One measured point, as a service has it. */
export interface Point {
  readonly measurement: string;
  /** `undefined` is left out. */
  readonly tags?: Readonly<Record<string, string | undefined>>;
  /** `null` and `undefined` are left out; none left is an error. */
  readonly fields: Readonly<Record<string, FieldValue | null | undefined>>;
  /** A number, bigint or digit string is in `timestampPrecision`. */
  readonly timestamp?: Date | bigint | number | string;
}

/**
 * A point as InfluxDB stores it: tags sorted, integers `bigint`, floats `number`, timestamp in the precision asked for.
 */
export interface ParsedPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | bigint | boolean | string>>;
  readonly timestamp: bigint | undefined;
}
