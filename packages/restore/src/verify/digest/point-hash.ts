import type { MeasurementKey } from './columns';
import { type Hash64, hashText, mixInto } from './hash64';
import { hashValue, type Value } from './value-hash';

const half = 0xffffffffn;
const nanosecondsPerMinute = 60_000_000_000n;

/**
 * Of a series in its database and policy: the same for both sides, whatever the order of the tags. A tag without a value
 * is one that is not there.
 */
export function hashSeries({ key }: MeasurementKey, tags: Readonly<Record<string, string>>): Hash64 {
  const present = Object.entries(tags).filter(([, value]) => value !== '');
  present.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const hash = { hi: 0, lo: 0 };
  hashText(JSON.stringify([key, present]), hash);
  return hash;
}

/** The hashes of one point and of its values; one object is reused. */
export class PointHash {
  minute = 0;
  /** Of series and time. */
  readonly point: Hash64 = { hi: 0, lo: 0 };
  /** Of series, time and field. */
  readonly key: Hash64 = { hi: 0, lo: 0 };
  /** Of all that and the value: what a digest sums up. */
  readonly content: Hash64 = { hi: 0, lo: 0 };
  /** Of the value alone. */
  readonly value: Hash64 = { hi: 0, lo: 0 };
  readonly #fields = new Map<string, Hash64>();

  /** @param time ns since the epoch */
  begin(series: Hash64, time: bigint): void {
    const minute = time / nanosecondsPerMinute;
    this.minute = Number(minute * nanosecondsPerMinute > time ? minute - 1n : minute);
    this.point.hi = series.hi;
    this.point.lo = series.lo;
    mixInto(this.point, Number((time >> 32n) & half), Number(time & half));
  }

  field(name: string, value: Value): void {
    hashValue(value, this.value);
    this.fieldOfValue(name);
  }

  /** Of the value whose hash was put into `value`. */
  fieldOfValue(name: string): void {
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
