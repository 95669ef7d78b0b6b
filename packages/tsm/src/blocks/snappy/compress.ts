import type { ByteWriter } from '../../bytes';

/** Matches are looked for within pieces of this size, so that an offset fits into two bytes. */
const PIECE_BYTES = 65_536;
const HASH_BITS = 14;
const MULTIPLIER = 0x1e35a7bd;
/** No match begins this near to the end of a piece: the loop reads four bytes at once, and short matches save nothing. */
const MARGIN_BYTES = 15;

/** Says where four bytes with this hash were last seen in the piece. Entries of earlier pieces are told apart by comparing the bytes. */
const seen = new Uint16Array(1 << HASH_BITS);

/** Appends a block of snappy (the raw format) with the text. Any decoder of snappy reads it. */
export function compress(text: Uint8Array, out: ByteWriter): void {
  // The worst case: a literal's tag of three bytes for each piece.
  out.reserve(text.length + 3 * Math.ceil(text.length / PIECE_BYTES) + Math.ceil(text.length / 6) + 16);
  out.uvarint(text.length);
  for (let start = 0; start < text.length; start += PIECE_BYTES) {
    compressPiece(text, start, Math.min(start + PIECE_BYTES, text.length), out);
  }
}

function compressPiece(text: Uint8Array, start: number, end: number, out: ByteWriter): void {
  seen.fill(0);
  const limit = end - MARGIN_BYTES;
  let literal = start;
  let i = start + 1;
  // The longer nothing matches, the larger the steps.
  let misses = 32;
  while (i < limit) {
    const four = read4(text, i);
    const hash = Math.imul(four, MULTIPLIER) >>> (32 - HASH_BITS);
    const candidate = start + (seen[hash] as number);
    seen[hash] = i - start;
    if (read4(text, candidate) !== four) {
      i += misses >>> 5;
      misses += 1;
      continue;
    }
    if (literal < i) emitLiteral(text, literal, i, out);
    let size = 4;
    while (i + size < end && text[candidate + size] === text[i + size]) size += 1;
    emitCopy(i - candidate, size, out);
    i += size;
    literal = i;
    misses = 32;
  }
  if (literal < end) emitLiteral(text, literal, end, out);
}

function read4(bytes: Uint8Array, i: number): number {
  return (
    (bytes[i] as number) |
    ((bytes[i + 1] as number) << 8) |
    ((bytes[i + 2] as number) << 16) |
    ((bytes[i + 3] as number) << 24)
  );
}

function emitLiteral(text: Uint8Array, from: number, to: number, out: ByteWriter): void {
  const size = to - from - 1;
  if (size < 60) out.u8(size << 2);
  else if (size < 256) {
    out.u8(60 << 2);
    out.u8(size);
  } else {
    out.u8(61 << 2);
    out.u8(size);
    out.u8(size >>> 8);
  }
  if (size < 16) for (let i = from; i < to; i += 1) out.u8(text[i] as number);
  else {
    out.bytes.set(text.subarray(from, to), out.length);
    out.length += to - from;
  }
}

/** Writes copies of at most 64 bytes. The last one has at least four, because the shortest form cannot say fewer. */
function emitCopy(offset: number, size: number, out: ByteWriter): void {
  let left = size;
  while (left >= 68) {
    emitFarCopy(offset, 64, out);
    left -= 64;
  }
  if (left > 64) {
    emitFarCopy(offset, 60, out);
    left -= 60;
  }
  if (left >= 12 || offset >= 2048) emitFarCopy(offset, left, out);
  else {
    out.u8(((offset >>> 8) << 5) | ((left - 4) << 2) | 1);
    out.u8(offset);
  }
}

function emitFarCopy(offset: number, size: number, out: ByteWriter): void {
  out.u8(((size - 1) << 2) | 2);
  out.u8(offset);
  out.u8(offset >>> 8);
}
