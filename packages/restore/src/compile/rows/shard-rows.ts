import type { FieldType } from '@ceres/lineproto/internal';
import type { KnownType, ShardPlace } from '../compiled-shard';
import type { RowMemory } from './row-memory';
import { fieldTypes, type Measurement, type Shape } from './shape';
import { ShapeRows } from './shape-rows';

/** A field that has another type in the shard, so that InfluxDB drops the whole point. */
interface Conflict {
  readonly field: string;
  readonly given: FieldType;
  readonly existing: string;
}

/** What the rows of a shape are to a shard: where they go, or why none of them does. */
export type RowsOrConflict = ShapeRows | Conflict;

/** The rows of one shard, and the types of its fields. The types stay when rows have been written out. */
export class ShardRows {
  readonly place: ShardPlace;
  readonly #memory: RowMemory;
  /** All records that were added, also those written out since. */
  records = 0;
  #shapes = new Map<Shape, RowsOrConflict>();
  /** The type of each field by its name, by the name of the measurement. */
  readonly #types = new Map<string, Map<string, string>>();

  constructor(place: ShardPlace, known: readonly KnownType[], memory: RowMemory) {
    this.place = place;
    this.#memory = memory;
    for (const { measurement, field, type } of known) this.#typesOf(latin1(measurement)).set(latin1(field), type);
  }

  /** The rows by shape, without those of shapes in conflict. */
  get rows(): ShapeRows[] {
    return [...this.#shapes.values()].filter((rows) => rows instanceof ShapeRows);
  }

  /** Returns the rows of a shape. The first type of a field wins; a record in conflict gives its other fields no type. */
  of(shape: Shape): RowsOrConflict {
    let rows = this.#shapes.get(shape);
    if (rows === undefined) {
      rows = this.#take(shape);
      this.#shapes.set(shape, rows);
    }
    return rows;
  }

  /** Forgets the rows, and keeps the types. */
  clear(): void {
    for (const rows of this.rows) rows.release();
    this.#shapes = new Map();
  }

  #take(shape: Shape): RowsOrConflict {
    const types = this.#typesOf(shape.measurement.name);
    for (const [i, field] of shape.names.entries()) {
      const given = typeAt(shape, i);
      const existing = types.get(field);
      if (existing !== undefined && existing !== given) return { field, given, existing };
    }
    for (const [i, field] of shape.names.entries()) types.set(field, typeAt(shape, i));
    return new ShapeRows(shape, this.#memory);
  }

  #typesOf(measurement: Measurement['name']): Map<string, string> {
    let types = this.#types.get(measurement);
    if (types === undefined) {
      types = new Map();
      this.#types.set(measurement, types);
    }
    return types;
  }
}

export function typeAt({ types }: Shape, i: number): FieldType {
  return fieldTypes[types[i] as number] as FieldType; // a number that a shape holds
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
