import { quotedName } from '../../schema/quote';
import { sourceOf } from './measurement-names';
import type { Stretch } from './time-stretches';

/** Returns the query for every field of a measurement, series by series, each in order of time. @param measurement its raw name */
export function selectFields(policy: string, measurement: string, stretch: Pick<Stretch, 'first' | 'last'>): string {
  return `${selectWithin('*::field', policy, measurement, stretch)} GROUP BY *`;
}

/** Returns a query within a stretch of time. @param measurement its raw name */
export function selectWithin(
  what: string,
  policy: string,
  measurement: string,
  { first, last }: Pick<Stretch, 'first' | 'last'>,
): string {
  // The query names both bounds. Otherwise InfluxDB reports 1970-01-01 as the time of a count, and stops at now.
  const where = `time >= ${first} AND time <= ${last}`;
  return `SELECT ${what} FROM ${quotedName(policy)}.${sourceOf(measurement)} WHERE ${where}`;
}

/** Returns the query for the fields of all measurements. InfluxDB reads an expression for one name as text here, and finds no name that is not UTF-8. */
export function showFieldKeys(policy: string): string {
  return `SHOW FIELD KEYS FROM ${quotedName(policy)}./.*/`;
}

/**
 * Returns the raw names of the measurements, and whether one of their fields has several types.
 *
 * @param rows the answer to `showFieldKeys`, with the measurement of each row
 */
export function typesOfFields(
  rows: Iterable<{ readonly name: string; readonly values: readonly string[] }>,
): ReadonlyMap<string, boolean> {
  const measurements = new Map<string, boolean>();
  const fields = new Set<string>();
  for (const { name: measurement, values } of rows) {
    const field = JSON.stringify([measurement, values[0]]);
    measurements.set(measurement, measurements.get(measurement) === true || fields.has(field));
    fields.add(field);
  }
  return measurements;
}
