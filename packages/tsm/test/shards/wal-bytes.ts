import { compress } from '../../src/blocks/snappy/compress';
import { ByteWriter } from '../../src/bytes';
import type { FieldType } from '../../src/column';
import { tombstoneKey } from '../../src/files/deletes/tombstones';
import type { TestPoint } from '../columns';
import { keyOf } from '../files/memory-file';

const types: readonly (FieldType | '')[] = ['', 'float', 'integer', 'boolean', 'string', 'unsigned'];

function entry(type: number, content: Uint8Array): Uint8Array {
  const text = new ByteWriter();
  compress(content, text);
  const out = new ByteWriter();
  out.u8(type);
  out.u32(text.length);
  out.write(text.written);
  return out.written;
}

/** Returns an entry of a WAL as influxd writes it: points of several fields. */
export function walWrite(
  ...fields: readonly (readonly [series: string, field: string, type: FieldType, points: readonly TestPoint[]])[]
): Uint8Array {
  const out = new ByteWriter();
  for (const [series, field, type, points] of fields) {
    const key = keyOf(series, field);
    out.reserve(7 + key.length);
    out.u8(types.indexOf(type));
    out.u16(key.length);
    out.write(key);
    out.reserve(4);
    out.u32(points.length);
    for (const [time, value] of points) {
      out.reserve(24);
      out.i64(time);
      if (value instanceof Uint8Array) {
        out.u32(value.length);
        out.write(value);
      } else if (typeof value === 'boolean') out.u8(value ? 1 : 0);
      else if (typeof value === 'bigint') out.i64(value);
      else {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleBE(value);
        out.write(bytes);
      }
    }
  }
  return entry(1, out.written);
}

/** Returns an entry that deletes whole keys. */
export function walDelete(...keys: readonly Uint8Array[]): Uint8Array {
  return entry(2, Buffer.from(keys.map(tombstoneKey).join('\n'), 'latin1'));
}

/** Returns an entry that deletes a range of times of some keys. */
export function walDeleteRange(first: bigint, last: bigint, ...keys: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter();
  out.i64(first);
  out.i64(last);
  for (const key of keys) {
    out.reserve(4);
    out.u32(key.length);
    out.write(key);
  }
  return entry(3, out.written);
}
