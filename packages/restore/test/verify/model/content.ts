import type { RawValue } from '@ceres/influx-http/internal';

export const weekS = 7 * 86_400;
/** The beginning of a shard of a week. */
export const firstS = Date.UTC(2024, 0, 8) / 1000;

/** A write of one field, or where the database has its value. */
export interface Cell {
  readonly measurement: string;
  /** The tags as line protocol has them, in order: `t=a,u=x`. */
  readonly tags: string;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly field: string;
  readonly value: RawValue;
}

/** What a database holds: one value for each measurement, set of tags, time and field. */
export type Content = Map<string, Cell>;

export const keyOf = ({ measurement, tags, time, field }: Cell) => [measurement, tags, time, field].join(' ');

/** Returns what writes leave behind: the last one counts. */
export function contentOf(writes: readonly Cell[]): Content {
  return new Map(writes.map((cell) => [keyOf(cell), cell]));
}

/** Returns whether two databases hold the same values of the same types. */
export function isEqual(a: Content, b: Content): boolean {
  return a.size === b.size && [...a].every(([key, { value }]) => Object.is(b.get(key)?.value, value));
}

/** Returns whether two databases hold as many values of each field. */
export function hasEqualCounts(a: Content, b: Content): boolean {
  const counts = (content: Content) => {
    const names = [...content.values()].map(({ measurement, field }) => `${measurement} ${field}`);
    return JSON.stringify(names.sort());
  };
  return counts(a) === counts(b);
}

/** Returns a write as a line. */
export function lineOf({ measurement, tags, time, field, value }: Cell): string {
  const text =
    typeof value === 'bigint'
      ? `${value}i`
      : typeof value === 'string'
        ? `"${value}"`
        : Object.is(value, -0)
          ? '-0'
          : String(value);
  return `${measurement}${tags && `,${tags}`} ${field}=${text} ${time}\n`;
}

/** Returns the name of a value's type. */
export function typeOf(value: RawValue): string {
  if (typeof value === 'number') return 'float';
  return typeof value === 'bigint' ? 'integer' : typeof value;
}

/** Returns whether each field has one type in a shard, as it has in InfluxDB, which refuses writes of others. */
export function isPossible(content: Content): boolean {
  const types = new Map<string, string>();
  return [...content.values()].every(({ measurement, field, time, value }) => {
    const place = [measurement, field, Math.floor((time - firstS) / weekS)].join(' ');
    const type = types.get(place) ?? typeOf(value);
    types.set(place, type);
    return type === typeOf(value);
  });
}
