import { ByteReader, ByteWriter } from '../../bytes';
import type { Column, ColumnBuffer } from '../../column';
import { damaged } from '../../errors';
import { compress } from '../snappy/compress';
import { decompress } from '../snappy/decompress';

// The values of a string block: a byte 0x10, then snappy of all of them, each with its length before it as uvarint.
const ENCODING = 1;

/** Reads the values from `start` to `end`, as many as the column has times. The column's text is what snappy gives, lengths included. */
export function decodeStrings(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  column: ColumnBuffer,
): void {
  const encoding = (bytes[start] as number) >>> 4;
  if (start >= end || encoding !== ENCODING)
    throw damaged(`The strings have the encoding ${encoding}, which does not exist`);
  const text = decompress(bytes.subarray(start + 1, end), column.text);
  column.text = text.bytes;
  const reader = new ByteReader(text.bytes, 0, text.length);
  const { starts, ends } = column;
  for (let i = 0; i < count; i += 1) {
    const length = reader.uvarint();
    starts[i] = reader.position;
    if (length > reader.left) throw damaged('A string is longer than its block');
    reader.position += length;
    ends[i] = reader.position;
  }
  if (reader.left > 0) throw damaged('A block has more strings than times');
}

/** Writes values `from` up to, and without, `to`. */
export function encodeStrings(column: Column, from: number, to: number, out: ByteWriter): void {
  const plain = new ByteWriter(1024);
  for (let i = from; i < to; i += 1) {
    const value = column.text.subarray(column.starts[i], column.ends[i]);
    plain.reserve(5 + value.length);
    plain.uvarint(value.length);
    plain.write(value);
  }
  out.reserve(1);
  out.u8(ENCODING << 4);
  compress(plain.written, out);
}
