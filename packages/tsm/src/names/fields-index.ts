import { ByteReader, u32At } from '../bytes';
import type { FieldType } from '../column';
import { damaged, placed } from '../errors';
import type { ByteSource } from '../files/byte-source';
import { ProtobufMessage } from '../meta/protobuf';

/** The types of the fields of a shard, by measurement and field. Names are not escaped; each byte is one character. */
export type FieldTypes = ReadonlyMap<string, ReadonlyMap<string, FieldType>>;

const MAGIC = 0x00060103;
/** The types of fields in queries, by their numbers. They are neither the numbers of blocks nor those of a WAL. */
const queryTypes: ReadonlyMap<number, FieldType> = new Map([
  [1, 'float'],
  [2, 'integer'],
  [3, 'string'],
  [4, 'boolean'],
  [9, 'unsigned'],
]);
const DELETE_MEASUREMENT = 1;
/** The length of a set of changes, in little-endian order. */
const LENGTH_BYTES = 8;

/**
 * Reads the fields of a shard: `fields.idx`, and what was added since in `fields.idxl`. Format: docs/storage-engine.md, "Fields".
 *
 * @throws TsmError `DAMAGED`, `UNREADABLE`
 */
export async function readFieldsIndex(index: ByteSource, changes?: ByteSource): Promise<FieldTypes> {
  const fields = new Map<string, Map<string, FieldType>>();
  try {
    const bytes = await index.read(0, index.sizeBytes);
    if (bytes.length < 4 || u32At(bytes, 0) !== MAGIC) throw damaged('It does not begin as an index of fields does');
    new ProtobufMessage(bytes.subarray(4)).each(1, (measurement) => {
      const types = typesOf(fields, nameIn(measurement));
      measurement.each(2, (field) => types.set(nameIn(field), typeIn(field)));
    });
  } catch (error) {
    throw placed(error, index.name);
  }
  try {
    if (changes !== undefined) addChanges(fields, await changes.read(0, changes.sizeBytes));
  } catch (error) {
    throw placed(error, changes?.name ?? '');
  }
  return fields;
}

/** Adds sets of changes. A crash may leave a part of one at the end, which influxd leaves out, too. */
function addChanges(fields: Map<string, Map<string, FieldType>>, bytes: Uint8Array): void {
  const reader = new ByteReader(bytes);
  while (reader.left >= LENGTH_BYTES) {
    const length = Number(Buffer.from(reader.take(LENGTH_BYTES)).readBigUInt64LE());
    if (length > reader.left) return;
    new ProtobufMessage(reader.take(length)).each(1, (change) => {
      const measurement = latin1(change.bytes(1));
      if (change.count(3) === DELETE_MEASUREMENT) fields.delete(measurement);
      else change.each(2, (field) => typesOf(fields, measurement).set(nameIn(field), typeIn(field)));
    });
  }
}

function typesOf(fields: Map<string, Map<string, FieldType>>, measurement: string): Map<string, FieldType> {
  const types = fields.get(measurement) ?? new Map<string, FieldType>();
  fields.set(measurement, types);
  return types;
}

function typeIn(field: ProtobufMessage): FieldType {
  const type = queryTypes.get(field.count(2));
  if (type === undefined) throw damaged(`A field has the type ${field.count(2)}, which does not exist`);
  return type;
}

function nameIn(message: ProtobufMessage): string {
  const name = latin1(message.bytes(1));
  if (name === '') throw damaged('A name is empty');
  return name;
}

function latin1(bytes: Uint8Array = new Uint8Array(0)): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
