import { type Hash64, hashText, mixInto } from '@ceres/internal';
import { nanosecondsPer } from '@ceres/lineproto';
import type { MeasurementKey } from './columns';
import { hashValue, type Value } from './value-hash';

const half = 0xffffffffn;

/** Hashes a series with its database and policy. Both sides get the same hash, whatever the order of the tags. */
export function hashSeries({ key }: MeasurementKey, tags: Readonly<Record<string, string>>): Hash64 {
  const hash = { hi: 0, lo: 0 };
  hashText(JSON.stringify([key, presentTags(tags)]), hash);
  return hash;
}

/** Returns a series' tags, sorted by key. A tag with an empty value is left out: to InfluxDB it does not exist. */
export function presentTags(tags: Readonly<Record<string, string>>): [key: string, value: string][] {
  const pairs = Object.entries(tags).filter(([, value]) => value !== '');
  return pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Computes the hashes of a point and of its values, one after another. Callers reuse one object. */
export class PointHash {
  /** The point's time in whole minutes since the epoch. */
  minute = 0;
  /** The hash of series and time. */
  readonly point: Hash64 = { hi: 0, lo: 0 };
  /** The hash of series, time and field. */
  readonly key: Hash64 = { hi: 0, lo: 0 };
  /** The hash of series, time, field and value, which a digest sums up. */
  readonly content: Hash64 = { hi: 0, lo: 0 };
  /** The hash of the value alone. */
  readonly value: Hash64 = { hi: 0, lo: 0 };
  readonly #fields = new Map<string, Hash64>();

  /**
   * Starts a point.
   *
   * @param time ns since the epoch
   */
  begin(series: Hash64, time: bigint): void {
    const minute = time / nanosecondsPer.m;
    this.minute = Number(minute * nanosecondsPer.m > time ? minute - 1n : minute);
    this.point.hi = series.hi;
    this.point.lo = series.lo;
    mixInto(this.point, Number((time >> 32n) & half), Number(time & half));
  }

  /** Computes the hashes of one field of the point. */
  field(name: string, value: Value): void {
    hashValue(value, this.value);
    this.fieldOfHashedValue(name);
  }

  /** Computes the hashes of one field of the point from the hash of its value, which the caller has put into `value`. */
  fieldOfHashedValue(name: string): void {
    const field = this.#field(name);
    this.key.hi = this.point.hi;
    this.key.lo = this.point.lo;
    mixInto(this.key, field.hi, field.lo);
    this.content.hi = this.key.hi;
    this.content.lo = this.key.lo;
    mixInto(this.content, this.value.hi, this.value.lo);
  }

  #field(name: string): Hash64 {
    let hash = this.#fields.get(name);
    if (hash === undefined) {
      hash = { hi: 0, lo: 0 };
      hashText(name, hash);
      this.#fields.set(name, hash);
    }
    return hash;
  }
}
