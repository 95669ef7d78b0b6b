import { ByteReader, type ByteWriter } from '../../bytes';
import type { ColumnBuffer } from '../../column';
import { damaged } from '../../errors';
import { HIGH, LOW } from '../../words';
import { BLOCK_POINTS_MAX } from '../limits';
import type { LastTimes } from './last-times';
import { scratchWords } from './scratch-words';
import { countSimple8b, decodeSimple8b, encodeSimple8b, fitsSimple8b } from './simple8b';

// The times of a block: a byte with the encoding (high nibble) and the exponent of a power of ten (low nibble), then
//   0 raw: int64 differences, the first from zero
//   1 packed: the first time, then the differences, divided by the power, as simple8b
//   2 run: the first time, the difference divided by the power, the number of times; both as uvarint
const RAW = 0;
const PACKED = 1;
const RUN = 2;

const WORD = 4294967296;
/** Powers of ten, as far as influxd uses them: 10^12. */
const SCALE_EXPONENT_MAX = 12;

/** Reads the times from `start` to `end` into an empty column, and returns their number. */
export function decodeTimes(
  bytes: Uint8Array,
  start: number,
  end: number,
  column: ColumnBuffer,
  last: LastTimes | undefined,
): number {
  const known = last?.copyIfSame(bytes, start, end, column);
  if (known !== undefined) return known;
  const count = decodeOthers(new ByteReader(bytes, start, end), column);
  last?.keep(bytes, start, end, column, count);
  return count;
}

function decodeOthers(reader: ByteReader, column: ColumnBuffer): number {
  const head = reader.u8();
  const scale = 10 ** (head & 15);
  switch (head >>> 4) {
    case RAW:
      return decodeRaw(reader, column);
    case PACKED:
      return decodePacked(reader, scale, column);
    case RUN:
      return decodeRun(reader, scale, column);
    default:
      throw damaged(`The times have the encoding ${head >>> 4}, which does not exist`);
  }
}

function decodeRaw(reader: ByteReader, column: ColumnBuffer): number {
  if (reader.left % 8 !== 0) throw damaged('Raw times do not fill whole words of 64 bits');
  const count = reader.left / 8;
  column.reserve(checkCount(count));
  for (let i = 0; i < count; i += 1) reader.u64(column.timeWords, i);
  addUp(column.timeWords, count, 1);
  return count;
}

function decodePacked(reader: ByteReader, scale: number, column: ColumnBuffer): number {
  const first = reader.position;
  const count = 1 + countSimple8b(reader.bytes, first + 8, reader.end);
  column.reserve(checkCount(count));
  reader.u64(column.timeWords, 0);
  decodeSimple8b(reader.bytes, reader.position, reader.end, column.timeWords, 1);
  addUp(column.timeWords, count, scale);
  return count;
}

function decodeRun(reader: ByteReader, scale: number, column: ColumnBuffer): number {
  const start = reader.position;
  reader.position += 8;
  const step = reader.uvarint64() * BigInt(scale);
  const count = checkCount(reader.uvarint());
  if (reader.left > 0) throw damaged('Bytes follow a run of times');
  reader.position = start;
  column.reserve(count);
  const words = column.timeWords;
  reader.u64(words, 0);
  const low = Number(BigInt.asUintN(32, step));
  const high = Number(BigInt.asUintN(32, step >> 32n));
  let isAscending = count === 1 || step >> 64n === 0n;
  for (let i = 1; i < count; i += 1) isAscending = addWords(words, i, low, high) && isAscending;
  if (!isAscending) throw notAscending();
  return count;
}

/** Turns differences into times, in place. All but the first are multiplied by `scale`. */
function addUp(words: Uint32Array, count: number, scale: number): void {
  let isAscending = true;
  for (let i = 1; i < count; i += 1) {
    let low = words[2 * i + LOW] as number;
    let high = words[2 * i + HIGH] as number;
    if (scale !== 1) {
      const product = (high * WORD + low) * scale;
      if (product <= Number.MAX_SAFE_INTEGER) {
        low = product % WORD;
        high = (product - low) / WORD;
      } else {
        const exact = ((BigInt(high) << 32n) | BigInt(low)) * BigInt(scale);
        if (exact >> 64n !== 0n) throw damaged('Two times are farther apart than times can be');
        low = Number(exact & 0xffff_ffffn);
        high = Number(exact >> 32n);
      }
    }
    isAscending = addWords(words, i, low, high) && isAscending;
  }
  if (!isAscending) throw notAscending();
}

/** Makes time `i` the sum of the one before and a difference. Returns whether it is later. */
function addWords(words: Uint32Array, i: number, low: number, high: number): boolean {
  const lowBefore = words[2 * i - 2 + LOW] as number;
  const highBefore = words[2 * i - 2 + HIGH] as number;
  const lowSum = lowBefore + low;
  const lowNow = lowSum >>> 0;
  const highNow = (highBefore + high + (lowSum >= WORD ? 1 : 0)) | 0;
  words[2 * i + LOW] = lowNow;
  words[2 * i + HIGH] = highNow;
  const signedBefore = highBefore | 0;
  return highNow > signedBefore || (highNow === signedBefore && lowNow > lowBefore);
}

function notAscending(): Error {
  return damaged('The times of a block do not ascend');
}

function checkCount(count: number): number {
  if (count >= 1 && count <= BLOCK_POINTS_MAX) return count;
  throw damaged(`A block claims ${count} points; there can be 1 to ${BLOCK_POINTS_MAX}`);
}

/**
 * Writes times `from` up to, and without, `to`, as influxd does: as a run if all are equally far apart, packed if their differences
 * fit into 60 bits after division by a power of ten, raw otherwise. The times ascend.
 */
export function encodeTimes(times: Uint32Array, from: number, to: number, out: ByteWriter): void {
  const count = to - from;
  const differences = scratchWords(2 * count);
  let isRun = true;
  for (let i = 1; i < count; i += 1) {
    const a = 2 * (from + i);
    const low = (times[a + LOW] as number) - (times[a - 2 + LOW] as number);
    differences[2 * i + LOW] = low;
    differences[2 * i + HIGH] = (times[a + HIGH] as number) - (times[a - 2 + HIGH] as number) - (low < 0 ? 1 : 0);
    if (differences[2 * i] !== differences[2] || differences[2 * i + 1] !== differences[3]) isRun = false;
  }
  out.reserve(9 + 8 * count + 20);
  if (isRun && count > 1) {
    const step = (BigInt(differences[2 + HIGH] as number) << 32n) | BigInt(differences[2 + LOW] as number);
    const exponent = exponentOf(differences, 2);
    out.u8((RUN << 4) | exponent);
    out.u64(times, from);
    out.uvarint64(step / 10n ** BigInt(exponent));
    out.uvarint(count);
    return;
  }
  if (fitsSimple8b(differences, 1, count)) {
    const exponent = exponentOf(differences, count);
    divide(differences, count, 10 ** exponent);
    out.u8((PACKED << 4) | exponent);
    out.u64(times, from);
    encodeSimple8b(differences, 1, count, out);
    return;
  }
  out.u8(RAW << 4);
  out.u64(times, from);
  for (let i = 1; i < count; i += 1) out.u64(differences, i);
}

/** Returns the exponent of the largest power of ten, up to 10^12, that divides all differences but the first. */
function exponentOf(differences: Uint32Array, count: number): number {
  let exponent = SCALE_EXPONENT_MAX;
  for (let i = 1; i < count && exponent > 0; i += 1) {
    while (exponent > 0 && !isMultiple(differences, i, 10 ** exponent)) exponent -= 1;
  }
  return count > 1 ? exponent : 0;
}

function isMultiple(words: Uint32Array, i: number, divisor: number): boolean {
  // (high · 2^32 + low) mod divisor, in parts that stay below 2^53: a power of ten up to 10^12 is 2^12 · 5^12 at most.
  const value = (words[2 * i + HIGH] as number) * WORD + (words[2 * i + LOW] as number);
  if (value <= Number.MAX_SAFE_INTEGER) return value % divisor === 0;
  const exact = (BigInt(words[2 * i + HIGH] as number) << 32n) | BigInt(words[2 * i + LOW] as number);
  return exact % BigInt(divisor) === 0n;
}

function divide(words: Uint32Array, count: number, divisor: number): void {
  if (divisor === 1) return;
  for (let i = 1; i < count; i += 1) {
    const value = (words[2 * i + HIGH] as number) * WORD + (words[2 * i + LOW] as number);
    if (value <= Number.MAX_SAFE_INTEGER) {
      const quotient = value / divisor;
      words[2 * i + LOW] = quotient % WORD;
      words[2 * i + HIGH] = quotient / WORD;
    } else {
      const exact =
        ((BigInt(words[2 * i + HIGH] as number) << 32n) | BigInt(words[2 * i + LOW] as number)) / BigInt(divisor);
      words[2 * i + LOW] = Number(exact & 0xffff_ffffn);
      words[2 * i + HIGH] = Number(exact >> 32n);
    }
  }
}
