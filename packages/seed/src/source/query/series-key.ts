import type { TypedSeries } from '@ceres/influx-http/internal';

/** Returns the series key of raw names, escaped as in line protocol, its tags in order. A tag with an empty value does not exist. */
export function seriesKeyOf({ name, tags }: Pick<TypedSeries, 'name' | 'tags'>): Uint8Array {
  const present = tags.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  const written = present.map(([key, value]) => `,${escapedTag(key)}=${escapedTag(value)}`);
  return Buffer.from(escapedMeasurement(name) + written.join(''), 'latin1');
}

/** Returns the name of a measurement as a series key begins with it. */
export function escapedMeasurement(name: string): string {
  return name.replaceAll(/[, ]/g, '\\$&');
}

function escapedTag(text: string): string {
  return text.replaceAll(/[,= ]/g, '\\$&');
}
