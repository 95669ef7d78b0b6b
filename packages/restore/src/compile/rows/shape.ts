import type { FieldType } from '@ceres/lineproto/internal';

/** The types of fields by their numbers in shapes. */
export const fieldTypes: readonly FieldType[] = ['float', 'integer', 'boolean', 'string'];
export const FLOAT = 0;
export const INTEGER = 1;
export const BOOLEAN = 2;

/** A measurement, by one spelling of its name. */
export interface Measurement {
  /** The name as it stands at the beginning of series keys, one character for each byte. */
  readonly escapedName: string;
  /** The name, not escaped, one character for each byte. */
  readonly name: string;
  /** The shapes of its records, by what identifies them. */
  readonly shapes: Map<string, Shape>;
}

/** The fields of a record, in its order, each with its type. Records of one shape have rows of one width. */
export class Shape {
  readonly measurement: Measurement;
  /** The names, not escaped, one character for each byte. */
  readonly names: readonly string[];
  readonly types: Uint8Array;
  /** The fields in the order of their names. */
  readonly sorted: readonly number[];
  /**
   * The keys as records spell them, each with its `=`, one behind the other; and where each ends. Empty if a record of this shape needs the
   * exact rules.
   */
  readonly template: Uint8Array;
  readonly templateEnds: Uint32Array;
  /** The rows of the shape in the shard that was used last, and that shard. */
  lastShard: object | undefined;
  lastRows: unknown;

  constructor(
    measurement: Measurement,
    names: readonly string[],
    types: Uint8Array,
    spelledKeys: readonly Uint8Array[],
  ) {
    this.measurement = measurement;
    this.names = names;
    this.types = types;
    this.sorted = names.map((_, i) => i).sort((a, b) => ((names[a] as string) < (names[b] as string) ? -1 : 1));
    this.template = Buffer.concat(spelledKeys.flatMap((key) => [key, Buffer.from('=')]));
    let end = 0;
    this.templateEnds = Uint32Array.from(spelledKeys, (key) => {
      end += key.length + 1;
      return end;
    });
  }

  /** Says whether records of this shape can be read by their template. */
  get isQuick(): boolean {
    return this.templateEnds.length > 0;
  }
}
