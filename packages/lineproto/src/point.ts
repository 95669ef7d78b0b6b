import type { TypedNumber } from './typed-number';

/** A `number` is a float, a `bigint` an integer. */
export type FieldValue = number | bigint | boolean | string | TypedNumber;

/** One measured point, as a service holds it. */
export interface Point {
  readonly measurement: string;
  /** A tag whose value is `undefined` is left out. */
  readonly tags?: Readonly<Record<string, string | undefined>>;
  /** A field whose value is `null` or `undefined` is left out. A point without any other field is refused. */
  readonly fields: Readonly<Record<string, FieldValue | null | undefined>>;
  /** A number, bigint or digit string counts in `timestampPrecision`. */
  readonly timestamp?: Date | bigint | number | string;
}

/** A point as InfluxDB stores it: tags sorted, integers as `bigint`, floats as `number`, the timestamp in the requested precision. */
export interface ParsedPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | bigint | boolean | string>>;
  readonly timestamp: bigint | undefined;
}
