import type { Precision } from '@ceres/lineproto';
import { ExactRecords, type FieldType, fieldType, isTime, unescapeName } from '@ceres/lineproto/internal';
import { BOOLEAN, FLOAT, INTEGER, OTHER_SHAPE, RecordShape, Searched, STRING } from './record-shape';

/** The shapes that are tried for each record: those that were seen last. Series mostly take turns. */
const RECENT_SHAPES = 8;
/** Once there are more, they are forgotten before the next body. */
const SHAPES_MAX = 50_000;

const NO_FIELD = -1;

const numbers: Readonly<Record<FieldType, number>> = {
  string: STRING,
  boolean: BOOLEAN,
  integer: INTEGER,
  float: FLOAT,
};

/**
 * Finds bodies in which one field has several types. InfluxDB refuses such a body as a whole if the field is new to the shard, and **keeps the types of
 * the fields before it, also those of the record that does not fit**. These would then be refused wherever they have their usual type.
 */
export class MixedTypes {
  readonly #shapes = new Map<string, RecordShape>();
  /** The shapes that were seen last, the last one first. */
  readonly #recent: RecordShape[] = [];
  readonly #fields = new Map<string, number>();
  /** The body that each field was seen in, and its type there, under the number of the field. */
  #bodies = new Uint32Array(64);
  #types = new Uint8Array(64);
  #body = 0;

  /** Returns whether one field of a measurement has several types, in whatever shards. */
  isIn(bytes: Uint8Array, precision: Precision): boolean {
    if (this.#shapes.size > SHAPES_MAX) this.#forget();
    this.#body += 1;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const searched = new Searched(buffer);
    let exact: ExactRecords | undefined;
    for (let at = 0; at < buffer.length; ) {
      const end = this.#knownEnd(searched, at);
      if (end !== OTHER_SHAPE) {
        at = end + 1;
        if (this.#differs(this.#recent[0] as RecordShape)) return true;
        continue;
      }
      exact ??= new ExactRecords(buffer, precision);
      if (!exact.readFrom(at)) return false;
      at = exact.end + 1;
      if (exact.givesFieldTwice) return true;
      // InfluxDB takes no type from a record that it cannot read.
      if (exact.fault === undefined && this.#differs(this.#shapeOf(buffer, exact))) return true;
    }
    return false;
  }

  /** Returns the end of a record that has one of the last shapes, which then is the last one. */
  #knownEnd(searched: Searched, start: number): number {
    const recent = this.#recent;
    for (let i = 0; i < recent.length; i += 1) {
      const shape = recent[i] as RecordShape;
      const end = shape.endOf(searched, start);
      if (end === OTHER_SHAPE) continue;
      if (i > 0) this.#toFront(shape, i);
      return end;
    }
    return OTHER_SHAPE;
  }

  #toFront(shape: RecordShape, from: number): void {
    const recent = this.#recent;
    for (let i = from; i > 0; i -= 1) recent[i] = recent[i - 1] as RecordShape;
    recent[0] = shape;
  }

  /** Notes the types of a record's fields in this body; returns whether one of them had another. */
  #differs(shape: RecordShape): boolean {
    if (shape.body === this.#body) return false;
    shape.body = this.#body;
    const { fields, types } = shape;
    for (let i = 0; i < fields.length; i += 1) {
      const field = fields[i] as number;
      if (field === NO_FIELD) continue;
      if (this.#bodies[field] === this.#body && this.#types[field] !== types[i]) return true;
      this.#bodies[field] = this.#body;
      this.#types[field] = types[i] as number;
    }
    return false;
  }

  /** Returns the shape of a valid record, which is the last one then. */
  #shapeOf(bytes: Buffer, { start, layout }: ExactRecords): RecordShape {
    const spelled = bytes.toString('latin1', start, layout.measurementEnd);
    const measurement = unescapeName(spelled);
    const keys: Uint8Array[] = [];
    const types: number[] = [];
    let identity = `${spelled.length}:${spelled}`;
    for (let i = 0; i < layout.fields.length; i += 3) {
      const [keyStart = 0, valueStart = 0, valueEnd = 0] = layout.fields.slice(i, i + 3);
      const type = numbers[fieldType(bytes, valueStart, valueEnd)];
      keys.push(bytes.subarray(keyStart, valueStart));
      types.push(type);
      identity += `${type}${bytes.toString('latin1', keyStart, valueStart)}`;
    }
    let shape = this.#shapes.get(identity);
    if (shape === undefined) {
      const fields = keys.map((key) => this.#fieldOf(measurement, key));
      shape = new RecordShape(bytes.subarray(start, layout.measurementEnd), keys, {
        fields,
        types: Uint8Array.from(types),
      });
      this.#shapes.set(identity, shape);
    }
    const at = this.#recent.indexOf(shape);
    this.#toFront(shape, at >= 0 ? at : Math.min(this.#recent.length, RECENT_SHAPES - 1));
    return shape;
  }

  /** Returns the number of a field, or {@link NO_FIELD} for `time`, which InfluxDB leaves out. */
  #fieldOf(measurement: string, key: Uint8Array): number {
    if (isTime(key, 0, key.length - 1)) return NO_FIELD;
    const spelled = Buffer.from(key.buffer, key.byteOffset, key.length - 1).toString('latin1');
    const name = `${measurement.length}:${measurement}${unescapeName(spelled)}`;
    let field = this.#fields.get(name);
    if (field === undefined) {
      field = this.#fields.size;
      this.#fields.set(name, field);
      if (field >= this.#types.length) this.#grow();
    }
    return field;
  }

  #grow(): void {
    const [bodies, types] = [new Uint32Array(2 * this.#bodies.length), new Uint8Array(2 * this.#types.length)];
    bodies.set(this.#bodies);
    types.set(this.#types);
    this.#bodies = bodies;
    this.#types = types;
  }

  #forget(): void {
    this.#shapes.clear();
    this.#fields.clear();
    this.#recent.length = 0;
  }
}
