import { unescapeName } from '@ceres/lineproto/internal';
import type { Column, FieldType } from '@ceres/tsm';
import { valueAt } from '@ceres/tsm';
import type { CompiledField, CompiledMeasurement } from '../compiled-shard';

/** What is known of one field of a measurement in a shard. */
export interface FieldCount {
  readonly type: FieldType;
  values: number;
  readonly sample: CompiledField['sample'];
}

/** Counts the values of a shard's fields while they are written. */
export class FieldTally {
  /** The counts by the escaped names of measurements and the names of fields, which have one character for each byte. */
  readonly #measurements = new Map<string, Map<string, FieldCount>>();

  get values(): number {
    let sum = 0;
    for (const fields of this.#measurements.values()) for (const { values } of fields.values()) sum += values;
    return sum;
  }

  /**
   * Counts the values of a column.
   *
   * @param measurement its escaped name; it and `field` have one character for each byte
   */
  add(measurement: string, field: string, seriesKey: Uint8Array, column: Column): void {
    let fields = this.#measurements.get(measurement);
    if (fields === undefined) {
      fields = new Map();
      this.#measurements.set(measurement, fields);
    }
    const known = fields.get(field);
    if (known !== undefined) {
      known.values += column.length;
      return;
    }
    const value = valueAt(column, 0);
    const sample = {
      seriesKey: seriesKey.slice(),
      timeNs: column.times[0] as bigint, // a column has at least one value
      value: typeof value === 'object' ? value.slice() : value,
    };
    fields.set(field, { type: column.type, values: column.length, sample });
  }

  /** Returns the measurements in the order of their names. */
  measurements(): CompiledMeasurement[] {
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
}

const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** Returns the part of a series key before its tags. */
export function measurementOf(seriesKey: Uint8Array): string {
  let end = 0;
  while (end < seriesKey.length && !(seriesKey[end] === COMMA && seriesKey[end - 1] !== BACKSLASH)) end += 1;
  return Buffer.from(seriesKey.buffer, seriesKey.byteOffset, end).toString('latin1');
}
