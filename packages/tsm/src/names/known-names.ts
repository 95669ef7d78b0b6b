import type { FieldType } from '../column';
import { damaged } from '../errors';
import { tombstoneKey } from '../files/deletes/tombstones';
import { isFieldKey, keyText, splitKey } from '../files/key';
import type { FieldTypes } from './fields-index';

/** Knows all series of a database. */
export interface SeriesNames {
  has(seriesKey: Uint8Array): boolean;
}

/** The names and types that a shard may hold, as far as InfluxDB keeps them beside its points. What is not known is not checked. */
export class KnownNames {
  readonly #series: SeriesNames | undefined;
  readonly #fields: FieldTypes | undefined;
  /** The types of fields that nothing else knows, as the first key that has them says. */
  readonly #learned: Map<string, FieldType> | undefined;
  #checkedSeries: Uint8Array = new Uint8Array(0);
  #checkedTypes: ReadonlyMap<string, FieldType> | undefined;

  /** @param options.learns a field that no one knows is believed, and has one type from then on */
  constructor(
    series: SeriesNames | undefined,
    fields: FieldTypes | undefined,
    options: { readonly learns?: boolean } = {},
  ) {
    this.#series = series;
    this.#fields = fields;
    this.#learned = options.learns ? new Map() : undefined;
  }

  /** True if a series that is not known is doubtful. */
  get knowsSeries(): boolean {
    return this.#series !== undefined;
  }

  /** Returns a sentence that says what contradicts a key and the type of its values; `undefined` if nothing does. */
  doubt(key: Uint8Array, type: FieldType): string | undefined {
    if (!isFieldKey(key)) return `The key ${keyText(key)} is not that of a field.`;
    const { seriesKey, field } = splitKey(key);
    // Keys come in order, so that most have the series of the one before.
    if (Buffer.compare(seriesKey, this.#checkedSeries) !== 0) {
      if (this.#series?.has(seriesKey) === false) return `The series file has no series ${keyText(seriesKey)}.`;
      this.#checkedSeries = seriesKey.slice();
      this.#checkedTypes = typesOf(measurementOf(seriesKey), this.#fields);
    }
    if (this.#fields === undefined) return undefined;
    const known = this.#checkedTypes?.get(tombstoneKey(field)) ?? this.#learn(seriesKey, field, type);
    if (known === type) return undefined;
    const name = `${keyText(field)} of ${keyText(seriesKey)}`;
    if (known === undefined) return `fields.idx has no field ${name}.`;
    const where = this.#learned === undefined ? 'in fields.idx' : 'in other keys of the shard';
    return `The field ${name} has the type ${known} ${where}, and here ${type}.`;
  }

  #learn(seriesKey: Uint8Array, field: Uint8Array, type: FieldType): FieldType | undefined {
    if (this.#learned === undefined) return undefined;
    const name = `${measurementOf(seriesKey)}\n${tombstoneKey(field)}`;
    const known = this.#learned.get(name) ?? type;
    this.#learned.set(name, known);
    return known;
  }

  /** @throws TsmError `DAMAGED`: something contradicts the key */
  requireKey(key: Uint8Array, type: FieldType): void {
    const doubt = this.doubt(key, type);
    if (doubt !== undefined) throw damaged(`${doubt.slice(0, -1)}: one of the two is damaged`);
  }
}

/**
 * Returns the types of the fields of a measurement. InfluxDB calls it by the name without any backslash when it is written, and with those that need not be
 * there when it reads the key again.
 */
export function typesOf(
  measurement: string,
  fields: FieldTypes | undefined,
): ReadonlyMap<string, FieldType> | undefined {
  return fields?.get(measurement) ?? fields?.get(measurement.replaceAll(/\\([="])/g, '$1'));
}

/** Returns the measurement of a series key, not escaped, each byte as one character. A comma behind a backslash is part of it. */
export function measurementOf(seriesKey: Uint8Array): string {
  let end = 0;
  while (end < seriesKey.length && (seriesKey[end] !== 0x2c || seriesKey[end - 1] === 0x5c)) end += 1;
  return tombstoneKey(seriesKey.subarray(0, end)).replaceAll(/\\([, ])/g, '$1');
}
