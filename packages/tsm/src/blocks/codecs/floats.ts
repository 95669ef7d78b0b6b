import { type ByteWriter, u32At } from '../../bytes';
import type { ColumnBuffer } from '../../column';
import { damaged, TsmError } from '../../errors';
import { HIGH, LOW } from '../../words';

// The values of a float block, as Facebook's Gorilla has them: a byte 0x10, the first value in 64 bits, then for each value the XOR
// with the one before, from the highest bit of each byte on:
//   0    it is zero: the same value again
//   10   its bits lie in the window of bits of the last XOR: these bits
//   11   a new window: 5 bits with the number of zeros before it, 6 bits with its width (0 means 64), then its bits
// A NaN of its own ends the values. A float block has no other encoding.
const ENCODING = 1;
const END_HIGH = 0x7ff80000;
const END_LOW = 1;
/** Five bits count the zeros before a window. */
const LEADING_MAX = 31;
/** A value is read in steps of up to 32 bits, which may reach beyond the last byte. */
const PADDING_BYTES = 16;

const padded = { bytes: new Uint8Array(16_384) };

/** Reads `count` values from `start` to `end`. */
export function decodeFloats(bytes: Uint8Array, start: number, end: number, count: number, column: ColumnBuffer): void {
  if (end - start < 9 || (bytes[start] as number) >>> 4 !== ENCODING)
    throw damaged('The floats have an encoding that does not exist');
  // What a step reads beyond the end is never used, but it must be there.
  if (end + PADDING_BYTES <= bytes.length) decodeBits(bytes, start, end, count, column.valueWords);
  else decodeBits(pad(bytes, start, end), 0, end - start, count, column.valueWords);
}

/** Copies bytes to where others follow them. */
function pad(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (padded.bytes.length < length + PADDING_BYTES) padded.bytes = new Uint8Array(2 * length + PADDING_BYTES);
  padded.bytes.set(bytes.subarray(start, end));
  return padded.bytes;
}

function decodeBits(source: Uint8Array, start: number, end: number, count: number, words: Uint32Array): void {
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  const bits = 8 * end;
  let high = u32At(source, start + 1);
  let low = u32At(source, start + 5);
  let position = 8 * start + 72;
  let width = 0;
  let trailing = 0;
  let i = 0;
  for (; ; i += 1) {
    if (high === END_HIGH && low === END_LOW) break;
    if (i === count || position >= bits) throw damaged('A block has more or fewer floats than times');
    words[2 * i + HIGH] = high;
    words[2 * i + LOW] = low;
    const head = peek(view, position);
    if (head < 0x8000_0000) {
      // Each zero is the same value again.
      const again = Math.min(Math.clz32(head), count - i, bits - position);
      for (const last = i + again - 1; i < last; ) {
        i += 1;
        words[2 * i + HIGH] = high;
        words[2 * i + LOW] = low;
      }
      position += again;
      continue;
    }
    if (head < 0xc000_0000) {
      position += 2;
      if (width === 0) throw damaged('A float has the window of a value before it, and there is none');
    } else {
      width = (head >>> 19) & 63 || 64;
      trailing = 64 - ((head >>> 25) & 31) - width;
      if (trailing < 0) throw damaged('A float has more than 64 bits');
      position += 13;
    }
    // The window is moved to where the bits belong, in two words.
    if (width <= 32) {
      const value = peek(view, position) >>> (32 - width);
      if (trailing >= 32) high = (high ^ (value << (trailing - 32))) >>> 0;
      else {
        low = (low ^ (value << trailing)) >>> 0;
        if (trailing + width > 32) high = (high ^ (value >>> (32 - trailing))) >>> 0;
      }
    } else {
      const upper = peek(view, position) >>> (64 - width);
      const lower = peek(view, position + width - 32);
      // Of a window of more than 32 bits, fewer than 32 zeros follow.
      low = (low ^ (lower << trailing)) >>> 0;
      high = (high ^ (upper << trailing) ^ (trailing === 0 ? 0 : lower >>> (32 - trailing))) >>> 0;
    }
    position += width;
  }
  if (i !== count || position > bits || bits - position >= 8)
    throw damaged('A block has more or fewer floats than times');
}

/** Returns 32 bits from bit `position` on. */
function peek(view: DataView, position: number): number {
  const i = position >>> 3;
  const shift = position & 7;
  return ((view.getInt32(i) << shift) | (view.getUint8(i + 4) >>> (8 - shift))) >>> 0;
}

/** Writes values `from` up to, and without, `to`. InfluxDB stores no NaN, and this encoding cannot. */
export function encodeFloats(values: Uint32Array, from: number, to: number, out: ByteWriter): void {
  // 77 bits a value at most.
  out.reserve(10 * (to - from + 2) + 16);
  const { bytes } = out;
  let at = out.length;
  bytes[at] = ENCODING << 4;
  at += 1;
  // Bits that do not fill four bytes yet, from the highest one on, and how many more there is room for.
  let pending = 0;
  let room = 32;

  function put(value: number, width: number): void {
    if (width < room) {
      room -= width;
      pending |= value << room;
      return;
    }
    const over = width - room;
    pending |= value >>> over;
    bytes[at] = pending >>> 24;
    bytes[at + 1] = pending >>> 16;
    bytes[at + 2] = pending >>> 8;
    bytes[at + 3] = pending;
    at += 4;
    room = 32 - over;
    pending = over === 0 ? 0 : value << room;
  }

  let highBefore = values[2 * from + HIGH] as number;
  let lowBefore = values[2 * from + LOW] as number;
  refuseNan(highBefore, lowBefore);
  put(highBefore, 32);
  put(lowBefore, 32);
  let leading = LEADING_MAX + 1;
  let trailing = 0;
  for (let i = from + 1; i <= to; i += 1) {
    const high = i === to ? END_HIGH : (values[2 * i + HIGH] as number);
    const low = i === to ? END_LOW : (values[2 * i + LOW] as number);
    if (i < to) refuseNan(high, low);
    const xorHigh = (high ^ highBefore) >>> 0;
    const xorLow = (low ^ lowBefore) >>> 0;
    highBefore = high;
    lowBefore = low;
    if (xorHigh === 0 && xorLow === 0) {
      put(0, 1);
      continue;
    }
    const zerosBefore = Math.min(xorHigh === 0 ? 32 + Math.clz32(xorLow) : Math.clz32(xorHigh), LEADING_MAX);
    const zerosAfter = xorLow === 0 ? 63 - Math.clz32(xorHigh & -xorHigh) : 31 - Math.clz32(xorLow & -xorLow);
    if (leading <= LEADING_MAX && zerosBefore >= leading && zerosAfter >= trailing) put(2, 2);
    else {
      leading = zerosBefore;
      trailing = zerosAfter;
      put(3, 2);
      put(leading, 5);
      put((64 - leading - trailing) & 63, 6);
    }
    const width = 64 - leading - trailing;
    const shiftedLow =
      trailing >= 32
        ? xorHigh >>> (trailing - 32)
        : trailing === 0
          ? xorLow
          : (xorLow >>> trailing) | (xorHigh << (32 - trailing));
    if (width > 32) {
      put(trailing >= 32 ? 0 : xorHigh >>> trailing, width - 32);
      put(shiftedLow, 32);
    } else put(shiftedLow, width);
  }
  for (let bits = 32 - room; bits > 0; bits -= 8, pending <<= 8) {
    bytes[at] = pending >>> 24;
    at += 1;
  }
  out.length = at;
}

function refuseNan(high: number, low: number): void {
  const exponent = high & 0x7ff0_0000;
  if (exponent === 0x7ff0_0000 && ((high & 0x000f_ffff) !== 0 || low !== 0)) {
    throw new TsmError('INVALID_POINTS', 'Expected every float to be a number, got NaN, which InfluxDB cannot store.');
  }
}
