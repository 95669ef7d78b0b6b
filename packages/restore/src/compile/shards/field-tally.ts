import { unescapeName } from '@ceres/lineproto/internal';
import type { Column, FieldType } from '@ceres/tsm';
import { valueAt } from '@ceres/tsm';
import type { CompiledField, CompiledMeasurement } from '../compiled-shard';

/** What is known of one field of a measurement in a shard. */
export interface FieldCount {
  readonly type: FieldType;
  values: number;
  shown: number;
  isTelling: boolean;
  readonly sample: CompiledField['sample'];
}

/** The series whose columns come. */
interface CurrentSeries {
  /** The key as it was given, and a copy. */
  readonly given: Uint8Array;
  readonly key: Uint8Array;
  readonly fields: Map<string, FieldCount>;
  readonly isHidden: boolean;
  /** Says whether a field of it is telling. */
  isTold: boolean;
  /** The field with the most values of it. */
  longest: FieldCount | undefined;
  longestLength: number;
}

/** Counts the values of a shard's fields while they are written, series by series. */
export class FieldTally {
  /** The counts by the escaped names of measurements and the names of fields, which have one character for each byte. */
  readonly #measurements = new Map<string, Map<string, FieldCount>>();
  #series: CurrentSeries | undefined;

  get values(): number {
    let sum = 0;
    for (const fields of this.#measurements.values()) for (const { values } of fields.values()) sum += values;
    return sum;
  }

  /**
   * Counts the values of a column.
   *
   * @param measurement its escaped name; it and `field` have one character for each byte
   * @param seriesKey one object for each series, or an equal one
   */
  add(measurement: string, field: string, seriesKey: Uint8Array, column: Column): void {
    const series = this.#seriesOf(measurement, seriesKey);
    const count = countOf(series, field, column);
    count.values += column.length;
    if (series.isHidden) return;
    count.shown += column.length;
    series.isTold ||= count.isTelling;
    if (column.length <= series.longestLength) return;
    series.longest = count;
    series.longestLength = column.length;
  }

  /** Returns the measurements in the order of their names. */
  measurements(): CompiledMeasurement[] {
    this.#endSeries();
    const names = [...this.#measurements.keys()].sort();
    return names.map((escaped) => {
      const fields = [...(this.#measurements.get(escaped) ?? [])];
      fields.sort(([a], [b]) => (a < b ? -1 : 1));
      return {
        name: Buffer.from(unescapeName(escaped), 'latin1'),
        escapedName: Buffer.from(escaped, 'latin1'),
        fields: fields.map(([name, count]) => ({ name: Buffer.from(name, 'latin1'), ...count })),
      };
    });
  }

  #seriesOf(measurement: string, seriesKey: Uint8Array): CurrentSeries {
    const last = this.#series;
    if (last?.given === seriesKey) return last;
    if (last !== undefined && Buffer.compare(last.key, seriesKey) === 0) return last;
    this.#endSeries();
    let fields = this.#measurements.get(measurement);
    if (fields === undefined) {
      fields = new Map();
      this.#measurements.set(measurement, fields);
    }
    const isHidden = hasHiddenKey(measurement, seriesKey);
    const key = seriesKey.slice();
    const series = { given: seriesKey, key, fields, isHidden, isTold: isHidden, longest: undefined, longestLength: 0 };
    this.#series = series;
    return series;
  }

  /** Makes one field of each series a telling one. */
  #endSeries(): void {
    const { isTold, longest } = this.#series ?? {};
    if (longest !== undefined && isTold === false) longest.isTelling = true;
    this.#series = undefined;
  }
}

function countOf({ key, fields }: CurrentSeries, field: string, column: Column): FieldCount {
  const known = fields.get(field);
  if (known !== undefined) return known;
  const value = valueAt(column, 0);
  const count = {
    type: column.type,
    values: 0,
    shown: 0,
    isTelling: false,
    sample: {
      seriesKey: key,
      timeNs: column.times[0] as bigint, // a column has at least one value
      value: typeof value === 'object' ? value.slice() : value,
    },
  };
  fields.set(field, count);
  return count;
}

const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** Returns the part of a series key before its tags. */
export function measurementOf(seriesKey: Uint8Array): string {
  let end = 0;
  while (end < seriesKey.length && !(seriesKey[end] === COMMA && seriesKey[end - 1] !== BACKSLASH)) end += 1;
  return Buffer.from(seriesKey.buffer, seriesKey.byteOffset, end).toString('latin1');
}

/**
 * Returns whether a series key is not spelled as InfluxDB's index spells it: a tag's value begins with `=` that is not escaped, or a quote or
 * `=` in the measurement is. InfluxDB stores such a point, and looks for the other spelling on `tsi1`.
 */
function hasHiddenKey(measurement: string, seriesKey: Uint8Array): boolean {
  if (/\\["=]/.test(measurement)) return true;
  const key = Buffer.from(seriesKey.buffer, seriesKey.byteOffset, seriesKey.length);
  for (let at = key.indexOf('==', measurement.length); at >= 0; at = key.indexOf('==', at + 1)) {
    if (key[at - 1] !== BACKSLASH) return true;
  }
  return false;
}
