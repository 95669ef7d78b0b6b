import type { TypeConflict } from '@ceres/influx-http/internal';
import type { WriteAddress } from '../../route/body';
import type { BodyRecords } from '../body-records';
import { byTypes, fieldKey, fieldTypesOf, type RecordGroup } from './record-groups';

/** Records of one shard that have the same fields with the same types. */
export interface TypeGroup {
  readonly numbers: RecordGroup;
  /** The type of each field, by the measurement and the name of the field. */
  readonly types: ReadonlyMap<string, string>;
}

/**
 * What is known of the types in one shard, and which records it has therefore refused. The first record that the shard takes gives a field
 * its type, and a record with another one is dropped as a whole: so it gives its other fields no types.
 */
export class TypeGroups {
  readonly #known = new Map<string, string>();
  /** The groups that are neither stored nor refused, in the order of their first records. */
  #open: readonly TypeGroup[];
  readonly #refused: TypeGroup[] = [];
  readonly #conflicts: TypeConflict[] = [];

  constructor(records: BodyRecords, to: WriteAddress, numbers: readonly number[]) {
    this.#open = byTypes(records, to, numbers).map((group) => {
      return { numbers: group, types: fieldTypesOf(records, to, group[0] ?? 0) };
    });
  }

  get refused(): readonly TypeGroup[] {
    return this.#refused;
  }

  get conflicts(): readonly TypeConflict[] {
    return this.#conflicts;
  }

  /** Says whether groups whose fate is open give a field several types. */
  get isDisputed(): boolean {
    return this.#firstOfDisputed().size > 0;
  }

  /**
   * Returns the groups whose fate is to be asked for next, in one request; none if all are known. No two of them differ about a field that
   * is new to the shard, so the shard takes or refuses each as if the records came one by one.
   */
  next(): readonly TypeGroup[] {
    const firstOf = this.#firstOfDisputed();
    if (firstOf.size === 0) return this.#open;
    return this.#open.filter((group) => {
      const disputed = [...group.types.keys()].filter((field) => firstOf.has(field));
      return disputed.length > 0 && disputed.every((field) => firstOf.get(field) === group);
    });
  }

  /** Notes that the shard has taken groups: their types are its types. */
  stored(groups: readonly TypeGroup[]): void {
    for (const { types } of groups) for (const [field, type] of types) this.#known.set(field, type);
    const taken = new Set(groups);
    this.#open = this.#open.filter((group) => !taken.has(group));
    this.#refuse();
  }

  /** Notes that the shard has a field with another type than records give it. */
  conflict(conflict: TypeConflict): void {
    this.#known.set(fieldKey(conflict.measurement, conflict.field), conflict.existing);
    this.#refuse();
  }

  /** Returns, for each field to which open groups give several types, the first of these groups. */
  #firstOfDisputed(): ReadonlyMap<string, TypeGroup> {
    const first = new Map<string, TypeGroup>();
    const disputed = new Map<string, TypeGroup>();
    for (const group of this.#open) {
      for (const [field, type] of group.types) {
        const other = first.get(field);
        if (other === undefined) first.set(field, group);
        else if (other.types.get(field) !== type) disputed.set(field, other);
      }
    }
    return disputed;
  }

  /** Refuses the open groups that give a known field another type. */
  #refuse(): void {
    this.#open = this.#open.filter((group) => {
      const contradicting = [...group.types].find(([field, type]) => (this.#known.get(field) ?? type) !== type);
      if (contradicting === undefined) return true;
      const [key, given] = contradicting;
      const [measurement = '', field = ''] = JSON.parse(key) as string[];
      this.#conflicts.push({ measurement, field, given, existing: this.#known.get(key) ?? '' });
      this.#refused.push(group);
      return false;
    });
  }
}
