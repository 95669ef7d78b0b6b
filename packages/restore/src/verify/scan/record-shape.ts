import type { Shape } from '../../compile/rows/shape';
import { type Columns, type MeasurementKey, pointField } from '../digest/columns';

/** The columns of the records of one shape in one policy, in the order of their fields. */
export interface RecordShape {
  readonly number: number;
  /** The column that counts points. */
  readonly pointColumn: number;
  readonly columns: Int32Array;
}

/** The shapes of the records of all policies. */
export class RecordShapes {
  readonly all: RecordShape[] = [];
  readonly #columns: Columns;
  readonly #known = new Map<string, RecordShape>();

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** Returns the shape of records that have these fields, in this order. */
  of(measurement: MeasurementKey, { names }: Pick<Shape, 'names'>): RecordShape {
    const key = JSON.stringify([measurement.key, names]);
    const known = this.#known.get(key) ?? this.#create(measurement, names);
    this.#known.set(key, known);
    return known;
  }

  #create(measurement: MeasurementKey, names: readonly string[]): RecordShape {
    const shape = {
      number: this.all.length,
      pointColumn: this.#columns.numberOf(measurement, pointField),
      columns: Int32Array.from(names, (name) => this.#columns.numberOf(measurement, name)),
    };
    this.all.push(shape);
    return shape;
  }
}
