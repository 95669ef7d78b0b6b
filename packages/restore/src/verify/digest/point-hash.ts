import type { RawValue } from '@ceres/influx-http/internal';
import { type Hash64, hashText, mixInto } from '@ceres/internal';
import type { MeasurementKey } from './columns';
import { minuteOf } from './time-parts';
import { hashValue } from './value-hash';

/** A tag of a series, as raw text. */
export type Tag = readonly [key: string, value: string];

/** Hashes a series with its database and policy. Both sides get the same hash, whatever the order of the tags. */
export function hashSeries({ key }: MeasurementKey, tags: readonly Tag[]): Hash64 {
  const hash = { hi: 0, lo: 0 };
  hashText(JSON.stringify([key, presentTags(tags)]), hash);
  return hash;
}

/** Returns a series' tags, sorted by key. A tag with an empty value is left out: to InfluxDB it does not exist. */
export function presentTags(tags: readonly Tag[]): Tag[] {
  return tags.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * Computes the hashes of a point and of its values, one after another. Callers reuse one object. The name of a field is in no hash: each
 * column has sums of its own.
 */
export class PointHash {
  /** The point's time in whole minutes since the epoch. */
  minute = 0;
  /** The hash of series and time. */
  readonly point: Hash64 = { hi: 0, lo: 0 };
  /** The hash of series, time and value, which a digest sums up. */
  readonly content: Hash64 = { hi: 0, lo: 0 };
  /** The halves of the value alone. */
  readonly value: Hash64 = { hi: 0, lo: 0 };

  /** Starts a point at a time, ns since the epoch, given as the halves of its int64. */
  begin(series: Hash64, timeHigh: number, timeLow: number): void {
    this.minute = minuteOf(timeHigh, timeLow);
    this.point.hi = series.hi;
    this.point.lo = series.lo;
    mixInto(this.point, timeHigh, timeLow);
  }

  /** Computes the hash of one value of the point. */
  field(value: RawValue): void {
    hashValue(value, this.value);
    this.hashedValue();
  }

  /** Computes the hash of one value of the point from its halves, which the caller has put into `value`. */
  hashedValue(): void {
    this.content.hi = this.point.hi;
    this.content.lo = this.point.lo;
    mixInto(this.content, this.value.hi, this.value.lo);
  }
}
