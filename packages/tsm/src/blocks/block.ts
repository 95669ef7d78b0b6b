import { ByteReader, type ByteWriter, u32At } from '../bytes';
import type { Column, ColumnBuffer, FieldType } from '../column';
import { damaged } from '../errors';
import { decodeBooleans, encodeBooleans } from './codecs/booleans';
import { decodeFloats, encodeFloats } from './codecs/floats';
import { decodeIntegers, encodeIntegers } from './codecs/integers';
import type { LastTimes } from './codecs/last-times';
import { decodeStrings, encodeStrings } from './codecs/strings';
import { decodeTimes, encodeTimes } from './codecs/times';
import { crcOf } from './crc';

/** The types of blocks, by their numbers in files. */
export const blockTypes: readonly FieldType[] = ['float', 'integer', 'boolean', 'string', 'unsigned'];

/** What stands before the times of a block: its CRC and its type. */
const HEAD_BYTES = 5;

/**
 * Decodes a block of a TSM file: a CRC-32 (IEEE) of what follows it, the type, the length of the times as uvarint, the times, the
 * values. Format: docs/storage-engine.md, "Block".
 *
 * @param into is emptied, and then holds the points
 * @throws TsmError `DAMAGED`: the checksum is wrong, or the bytes contradict the format
 */
export function decodeBlock(block: Uint8Array, into: ColumnBuffer): void {
  decodeBlockAt(block, 0, block.length, into);
}

/**
 * Decodes a block that lies between `from` and `to` of some bytes, which is faster than by a view. `decodeBlock` describes the format.
 *
 * @param lastTimes the times of the block before it, if they may be the same
 * @throws TsmError `DAMAGED`
 */
export function decodeBlockAt(
  bytes: Uint8Array,
  from: number,
  to: number,
  into: ColumnBuffer,
  lastTimes?: LastTimes,
): void {
  if (to - from < HEAD_BYTES) throw damaged(`A block has ${to - from} bytes`);
  if (crcOf(bytes, from + 4, to) !== u32At(bytes, from)) throw damaged('The checksum of a block is wrong');
  const type = blockTypes[bytes[from + 4] as number];
  if (type === undefined) throw damaged(`A block has the type ${bytes[from + 4]}, which does not exist`);
  let start = from + HEAD_BYTES;
  let timesLength = bytes[start] as number;
  if (start < to && timesLength < 0x80) start += 1;
  else {
    const reader = new ByteReader(bytes, start, to);
    timesLength = reader.uvarint();
    start = reader.position;
  }
  const middle = start + timesLength;
  if (middle >= to) throw damaged('The times of a block are longer than the block');
  into.reset(type, 0);
  const count = decodeTimes(bytes, start, middle, into, lastTimes);
  into.reserve(count);
  if (type === 'float') decodeFloats(bytes, middle, to, count, into);
  else if (type === 'boolean') decodeBooleans(bytes, middle, to, count, into);
  else if (type === 'string') decodeStrings(bytes, middle, to, count, into);
  else decodeIntegers(bytes, middle, to, count, into);
  into.length = count;
}

/**
 * Appends a block with the points from index `from` up to, and without, `to`. Format: docs/storage-engine.md, "Block".
 *
 * @throws TsmError `INVALID_POINTS`: a float is NaN
 */
export function encodeBlock(column: Column, from: number, to: number, out: ByteWriter): void {
  const start = out.length;
  out.reserve(HEAD_BYTES + 5);
  out.length += 4;
  out.u8(blockTypes.indexOf(column.type));
  writeTimes(column, from, to, out);
  if (column.type === 'float') encodeFloats(column.valueWords, from, to, out);
  else if (column.type === 'boolean') encodeBooleans(column.booleans, from, to, out);
  else if (column.type === 'string') encodeStrings(column, from, to, out);
  else encodeIntegers(column.valueWords, from, to, out);
  out.setU32(start, crcOf(out.bytes, start + 4, out.length));
}

/** The times that were written last, of columns that share them. */
const last = { sameTimes: undefined as object | undefined, from: 0, to: 0, bytes: new Uint8Array(256), length: 0 };

/** Writes times behind their length. */
function writeTimes({ timeWords, sameTimes }: Column, from: number, to: number, out: ByteWriter): void {
  if (sameTimes !== undefined && sameTimes === last.sameTimes && from === last.from && to === last.to) {
    out.write(last.bytes.subarray(0, last.length));
    return;
  }
  const start = out.length;
  encodeTimes(timeWords, from, to, out);
  insertLength(out, start);
  if (sameTimes === undefined) return;
  const length = out.length - start;
  if (length > last.bytes.length) last.bytes = new Uint8Array(2 * length);
  last.bytes.set(out.bytes.subarray(start, out.length));
  Object.assign(last, { sameTimes, from, to, length });
}

/** Puts the length of what was written since `at` in front of it, as uvarint. */
function insertLength(out: ByteWriter, at: number): void {
  const length = out.length - at;
  const digits = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4;
  out.reserve(digits);
  out.bytes.copyWithin(at + digits, at, out.length);
  out.length = at;
  out.uvarint(length);
  out.length += length;
}
