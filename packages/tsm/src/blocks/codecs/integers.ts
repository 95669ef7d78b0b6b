import { ByteReader, type ByteWriter } from '../../bytes';
import type { ColumnBuffer } from '../../column';
import { damaged } from '../../errors';
import { HIGH, LOW } from '../../words';
import { scratchWords } from './scratch-words';
import { countSimple8b, decodeSimple8b, encodeSimple8b, fitsSimple8b } from './simple8b';

// The values of an integer or unsigned block: a byte with the encoding in its high nibble, then differences, the first from zero. They
// are zigzag encoded: 0, -1, 1, -2, … become 0, 1, 2, 3, … An unsigned value is the int64 with the same bits.
//   0 raw: 64 bits each
//   1 packed: the first difference in 64 bits, the others as simple8b
//   2 run: the first difference in 64 bits, the difference that repeats, how often it does; both as uvarint
const RAW = 0;
const PACKED = 1;
const RUN = 2;

/** Reads the values from `start` to `end`, as many as the column has times. */
export function decodeIntegers(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  column: ColumnBuffer,
): void {
  const reader = new ByteReader(bytes, start, end);
  const words = column.valueWords;
  const encoding = reader.u8() >>> 4;
  if (encoding === RAW) {
    checkCount(reader.left / 8, count);
    for (let i = 0; i < count; i += 1) reader.u64(words, i);
  } else if (encoding === PACKED) {
    reader.u64(words, 0);
    checkCount(1 + countSimple8b(bytes, reader.position, end), count);
    decodeSimple8b(bytes, reader.position, end, words, 1);
  } else if (encoding === RUN) {
    reader.u64(words, 0);
    const step = reader.uvarint64();
    checkCount(1 + reader.uvarint(), count);
    if (reader.left > 0) throw damaged('Bytes follow a run of integers');
    const low = Number(step & 0xffff_ffffn);
    const high = Number(step >> 32n);
    for (let i = 1; i < count; i += 1) {
      words[2 * i + LOW] = low;
      words[2 * i + HIGH] = high;
    }
  } else throw damaged(`The integers have the encoding ${encoding}, which does not exist`);
  addUp(words, count);
}

/** Turns zigzag encoded differences into values, in place. */
function addUp(words: Uint32Array, count: number): void {
  let lowSum = 0;
  let highSum = 0;
  for (let i = 0; i < 2 * count; i += 2) {
    const low = words[i + LOW] as number;
    const high = words[i + HIGH] as number;
    const sign = -(low & 1);
    const sum = lowSum + ((((low >>> 1) | (high << 31)) ^ sign) >>> 0);
    highSum = (highSum + ((high >>> 1) ^ sign) + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    lowSum = sum >>> 0;
    words[i + LOW] = lowSum;
    words[i + HIGH] = highSum;
  }
}

function checkCount(found: number, expected: number): void {
  if (found !== expected) throw damaged(`A block has ${expected} times and ${found} integers`);
}

/** Writes values `from` up to, and without, `to`, in the shortest of the three encodings that can hold them. */
export function encodeIntegers(values: Uint32Array, from: number, to: number, out: ByteWriter): void {
  const count = to - from;
  const differences = scratchWords(2 * count);
  let lowBefore = 0;
  let highBefore = 0;
  let isRun = true;
  for (let i = 0; i < count; i += 1) {
    const a = 2 * (from + i);
    const lowNow = values[a + LOW] as number;
    const highNow = values[a + HIGH] as number;
    const difference = lowNow - lowBefore;
    const low = difference >>> 0;
    const high = (highNow - highBefore - (difference < 0 ? 1 : 0)) | 0;
    const sign = high >> 31;
    differences[2 * i + LOW] = (low << 1) ^ sign;
    differences[2 * i + HIGH] = ((high << 1) | (low >>> 31)) ^ sign;
    if (i > 1 && (differences[2 * i] !== differences[2] || differences[2 * i + 1] !== differences[3])) isRun = false;
    lowBefore = lowNow;
    highBefore = highNow;
  }
  out.reserve(8 * count + 32);
  if (isRun && count > 2) {
    out.u8(RUN << 4);
    out.u64(differences, 0);
    out.uvarint64((BigInt(differences[2 + HIGH] as number) << 32n) | BigInt(differences[2 + LOW] as number));
    out.uvarint(count - 1);
  } else if (fitsSimple8b(differences, 1, count)) {
    out.u8(PACKED << 4);
    out.u64(differences, 0);
    encodeSimple8b(differences, 1, count, out);
  } else {
    out.u8(RAW << 4);
    for (let i = 0; i < count; i += 1) out.u64(differences, i);
  }
}
