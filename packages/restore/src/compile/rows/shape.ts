import type { FieldType } from '@ceres/lineproto/internal';

/** The types of fields by their numbers in shapes. */
export const fieldTypes: readonly FieldType[] = ['float', 'integer', 'boolean', 'string'];
export const FLOAT = 0;
export const INTEGER = 1;
export const BOOLEAN = 2;
export const STRING = 3;

/** A measurement, by one spelling of its name. */
export interface Measurement {
  /** The name as it stands at the beginning of series keys, one character for each byte. */
  readonly escapedName: string;
  /** The name, not escaped, one character for each byte. */
  readonly name: string;
  /** The shapes of its records, by what identifies them. */
  readonly shapes: Map<string, Shape>;
  /** The last shape that a record had which was read by the exact rules. */
  lastShape?: Shape;
}

/** The fields of a record, in its order, each with its type. Records of one shape have rows of one width. */
export class Shape {
  readonly measurement: Measurement;
  /** The names, not escaped, one character for each byte. */
  readonly names: readonly string[];
  /** The names as bytes. */
  readonly nameBytes: readonly Uint8Array[];
  readonly types: Uint8Array;
  /** The fields in the order of their names. */
  readonly sorted: readonly number[];
  /**
   * The keys as records spell them, each with its `=`: the length of each, and their bytes as words of 32 bits, low byte first, of which the last
   * one may overlap the one before; a key of fewer than four bytes has one word a byte. Empty if a record of this shape needs the exact rules.
   */
  readonly keyLengths: Uint32Array;
  readonly keyWords: Int32Array;
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
    this.nameBytes = names.map((name) => Buffer.from(name, 'latin1'));
    this.types = types;
    this.sorted = names.map((_, i) => i).sort((a, b) => ((names[a] as string) < (names[b] as string) ? -1 : 1));
    this.keyLengths = Uint32Array.from(spelledKeys, ({ length }) => length + 1);
    this.keyWords = Int32Array.from(spelledKeys.flatMap((key) => wordsOf(Buffer.concat([key, Buffer.from('=')]))));
  }

  /** Says whether records of this shape can be read by their template. */
  get isQuick(): boolean {
    return this.keyLengths.length > 0;
  }
}

function wordsOf(key: Buffer): number[] {
  if (key.length < 4) return [...key];
  const words = Array.from({ length: Math.floor((key.length - 1) / 4) }, (_, i) => key.readInt32LE(4 * i));
  return [...words, key.readInt32LE(key.length - 4)];
}
