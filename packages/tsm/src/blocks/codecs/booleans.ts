import { ByteReader, type ByteWriter } from '../../bytes';
import type { ColumnBuffer } from '../../column';
import { damaged } from '../../errors';

// The values of a boolean block: a byte 0x10, their number as uvarint, then a bit for each, from the highest of each byte on.
const ENCODING = 1;

/** Reads the values from `start` to `end`, as many as the column has times. */
export function decodeBooleans(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  column: ColumnBuffer,
): void {
  const reader = new ByteReader(bytes, start, end);
  const encoding = reader.u8() >>> 4;
  if (encoding !== ENCODING) throw damaged(`The booleans have the encoding ${encoding}, which does not exist`);
  const found = reader.uvarint();
  if (found !== count || reader.left !== Math.ceil(count / 8)) {
    throw damaged(`A block has ${count} times and ${found} booleans in ${reader.left} bytes`);
  }
  const at = reader.position;
  const { booleans } = column;
  for (let i = 0; i < count; i += 1) booleans[i] = ((bytes[at + (i >>> 3)] as number) >>> (7 - (i & 7))) & 1;
}

/** Writes values `from` up to, and without, `to`. */
export function encodeBooleans(values: Uint8Array, from: number, to: number, out: ByteWriter): void {
  const count = to - from;
  out.reserve(12 + Math.ceil(count / 8));
  out.u8(ENCODING << 4);
  out.uvarint(count);
  for (let i = from; i < to; i += 8) {
    let byte = 0;
    for (let j = 0; j < 8; j += 1) byte = (byte << 1) | (i + j < to ? (values[i + j] as number) : 0);
    out.u8(byte);
  }
}
