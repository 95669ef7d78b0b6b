import type { FieldType } from '../column';
import { tombstoneKey } from '../files/deletes/tombstones';
import { isFieldKey, keyText, splitKey } from '../files/key';
import type { FieldTypes } from '../names/fields-index';
import { KnownNames, measurementOf, type SeriesNames, typesOf } from '../names/known-names';
import type { ShardLosses } from './losses';

/** One flipped bit makes one key wrong: what this many keys agree on is not their fault. */
const WITNESSES = 2;
/** If more names than this are not known, it is the list of names that is wrong. */
const STRANGERS_MAX = 100_000;

/** The names that are kept beside the points of a shard. */
export interface NameFiles {
  readonly series: SeriesNames | undefined;
  readonly seriesPath: string;
  readonly fields: FieldTypes | undefined;
  readonly fieldsPath: string;
}

/**
 * Weighs the keys of a damaged shard against the names that are kept beside its points, which may be what is damaged: where several keys agree on a series
 * or a field that is not known, they are believed.
 */
export class NameVotes {
  readonly #files: NameFiles;
  readonly #strangers = new Map<string, number>();
  /** The number of keys by measurement, field and type. */
  readonly #votes = new Map<string, Map<string, Map<FieldType, number>>>();

  constructor(files: NameFiles) {
    this.#files = files;
  }

  /** Counts a key of one file. */
  add(key: Uint8Array, type: FieldType): void {
    if (!isFieldKey(key)) return;
    const { seriesKey, field } = splitKey(key);
    const { series } = this.#files;
    if (series !== undefined && this.#strangers.size <= STRANGERS_MAX && !series.has(seriesKey))
      addOne(this.#strangers, tombstoneKey(seriesKey));
    const types = entry(entry(this.#votes, measurementOf(seriesKey)), tombstoneKey(field));
    addOne(types, type);
  }

  /** Returns the names that the shard is read with, and says which checks cannot be made. */
  decide(losses: ShardLosses): KnownNames {
    const learns = this.#files.fields === undefined;
    return new KnownNames(this.#decideSeries(losses), this.#decideFields(losses), { learns });
  }

  #decideSeries(losses: ShardLosses): SeriesNames | undefined {
    const { series, seriesPath } = this.#files;
    if (series === undefined) return undefined;
    if (this.#strangers.size > STRANGERS_MAX) {
      losses.unchecked(
        seriesPath,
        `It lacks more than ${STRANGERS_MAX} series of the shard, so that series are not checked.`,
      );
      return undefined;
    }
    const believed = new Set([...this.#strangers].flatMap(([name, keys]) => (keys >= WITNESSES ? [name] : [])));
    if (believed.size === 0) return series;
    const [first = ''] = believed;
    losses.unchecked(
      seriesPath,
      `It lacks ${believed.size} series that several keys agree on, such as ${keyText(Buffer.from(first, 'latin1'))}.`,
    );
    return { has: (seriesKey) => series.has(seriesKey) || believed.has(tombstoneKey(seriesKey)) };
  }

  #decideFields(losses: ShardLosses): FieldTypes {
    const { fields, fieldsPath } = this.#files;
    const decided = new Map([...(fields ?? [])].map(([measurement, types]) => [measurement, new Map(types)]));
    const believed: string[] = [];
    for (const [measurement, byField] of this.#votes) {
      for (const [field, votes] of byField) {
        const known = typesOf(measurement, fields)?.get(field);
        if (known !== undefined && votes.has(known)) continue;
        const [type, keys] = [...votes].reduce((most, one) => (one[1] > most[1] ? one : most));
        if (fields !== undefined && keys < WITNESSES) continue;
        entry(decided, measurement).set(field, type);
        if (fields !== undefined) believed.push(`${measurement}.${field}`);
      }
    }
    if (believed.length > 0)
      losses.unchecked(
        fieldsPath,
        `It contradicts several keys that agree, on ${believed.length} fields such as ${believed[0]}.`,
      );
    return decided;
  }
}

function entry<T extends Map<string, unknown>>(map: Map<string, T>, name: string): T {
  const found = map.get(name) ?? (new Map() as T);
  map.set(name, found);
  return found;
}

function addOne<T>(counts: Map<T, number>, name: T): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
