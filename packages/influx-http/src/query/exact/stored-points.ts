import type { RowVisitor, TypedSeries } from '../typed/answer-reader';
import type { RawValue, TypedRow } from '../typed/typed-row';
import { NotExact } from './not-exact';

type Tag = TypedSeries['tags'][number];

/** A point in the database, with raw names. */
interface StoredPoint {
  readonly tags: readonly Tag[];
  readonly time: bigint;
  readonly fields: ReadonlyMap<string, RawValue>;
}

/** Takes a point. Returns false to end the query. */
export type PointVisitor = (point: StoredPoint) => boolean | undefined;

/**
 * Makes points of rows. Where the shards of a policy overlap, InfluxDB may hold a point in two of them, and then answers with
 * two rows of one time, which this joins.
 */
export class StoredPoints implements RowVisitor {
  readonly #visit: PointVisitor;
  #series: TypedSeries = { name: '', tags: [], columns: [] };
  #point: (StoredPoint & { readonly fields: Map<string, RawValue> }) | undefined;

  constructor(visit: PointVisitor) {
    this.#visit = visit;
  }

  series(series: TypedSeries): void {
    this.#series = series;
  }

  row(row: TypedRow): boolean | undefined {
    const time = timeOf(row);
    const { tags, columns } = this.#series;
    let goesOn: boolean | undefined = true;
    if (this.#point === undefined || this.#point.time !== time || !isSame(this.#point.tags, tags)) {
      goesOn = this.end();
      this.#point = { tags, time, fields: new Map() };
    }
    const { fields } = this.#point;
    for (let i = 1; i < columns.length; i += 1) {
      const field = columns[i] ?? '';
      const value = row.value(i);
      if (value === undefined) continue;
      const other = fields.get(field);
      if (other !== undefined && !Object.is(other, value)) {
        throw new NotExact(
          'two shards whose times overlap hold the same point with two values, and none of them counts more',
        );
      }
      fields.set(field, value);
    }
    return goesOn;
  }

  /** Passes the last point on. To be called after the last row. */
  end(): boolean | undefined {
    const point = this.#point;
    this.#point = undefined;
    return point === undefined ? true : this.#visit(point);
  }
}

/** Compares the tags of two series blocks: an answer may cut a series into several. */
function isSame(a: readonly Tag[], b: readonly Tag[]): boolean {
  if (a === b) return true;
  const values = new Map(b);
  return a.length === b.length && a.every(([key, value]) => values.get(key) === value);
}

/** Returns the time of a row of points, ns. @throws NotExact if it has none */
export function timeOf(row: TypedRow): bigint {
  const time = row.value(0);
  if (typeof time !== 'bigint') throw new NotExact('InfluxDB answers with a point that has no time');
  return time;
}
