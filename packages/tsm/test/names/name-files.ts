import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ByteWriter } from '../../src/bytes';
import type { FieldType } from '../../src/column';
import { ProtobufWriter } from '../../src/meta/protobuf-writer';

const types: readonly (FieldType | '')[] = ['', 'float', 'integer', 'string', 'boolean', '', '', '', '', 'unsigned'];

/** A series: the measurement and its tags, not escaped. */
export type TestSeries = readonly [measurement: string, tags?: Readonly<Record<string, string>>];

/** Returns the bytes of a `fields.idx` with these fields, by measurement. */
export function fieldsIndexBytes(fields: Readonly<Record<string, Readonly<Record<string, FieldType>>>>): Buffer {
  const set = new ProtobufWriter().messages(1, Object.entries(fields), (message, [measurement, byField]) => {
    message.text(1, measurement).messages(2, Object.entries(byField), (field, [name, type]) => {
      field.text(1, name).int(2, types.indexOf(type));
    });
  });
  return Buffer.concat([Buffer.from([0, 6, 1, 3]), set.written]);
}

/** Returns a set of changes as `fields.idxl` holds it: fields that were added, or measurements that were deleted. */
export function fieldChanges(
  ...changes: readonly (readonly [measurement: string, field: string, type: FieldType, isDelete?: boolean])[]
): Buffer {
  const set = new ProtobufWriter().messages(1, changes, (message, [measurement, field, type, isDelete = false]) => {
    message.text(1, measurement).messages(2, [field], (one, name) => one.text(1, name).int(2, types.indexOf(type)));
    if (isDelete) message.int(3, 1);
  });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(set.written.length));
  return Buffer.concat([length, set.written]);
}

/** Returns an entry of a series file. */
export function seriesEntry(id: number, [measurement, tags = {}]: TestSeries): Buffer {
  const key = new ByteWriter();
  const part = (text: string) => {
    const bytes = Buffer.from(text);
    key.reserve(2);
    key.u16(bytes.length);
    key.write(bytes);
  };
  part(measurement);
  key.reserve(10);
  key.uvarint(Object.keys(tags).length);
  for (const [name, value] of Object.entries(tags)) {
    part(name);
    part(value);
  }
  const head = new ByteWriter();
  head.u8(1);
  head.i64(BigInt(id));
  head.uvarint(key.length);
  return Buffer.concat([head.written, key.written]);
}

/** Returns a segment of a series file, with zeros behind its entries. */
export function seriesSegment(...entries: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from('SSEG\u0001'), ...entries, Buffer.alloc(4_096)]);
}

/** Writes the series file of a database. */
export async function writeSeriesFile(folder: string, ...series: readonly TestSeries[]): Promise<void> {
  for (let partition = 0; partition < 8; partition += 1) {
    const path = join(folder, `0${partition}`);
    await mkdir(path, { recursive: true });
    const entries = series.flatMap((one, i) => (i % 8 === partition ? [seriesEntry(i + 1, one)] : []));
    await writeFile(join(path, '0000'), seriesSegment(...entries));
  }
}
