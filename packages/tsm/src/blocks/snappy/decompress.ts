import { ByteReader } from '../../bytes';
import { damaged } from '../../errors';

/** Bytes, and how many of them count: a buffer that is used again may be longer than what it holds. */
export interface Decompressed {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/**
 * The most bytes that one byte of snappy can become. Its densest element, a copy with an offset of two bytes, has three bytes and
 * makes 64. So a claim of more is refused before memory is taken for it: seven bytes can claim 4 GiB.
 */
const GROWTH_MAX = 22;

/**
 * Decompresses a block of snappy (the raw format, without frames): the length of the text as uvarint, then literals and copies.
 *
 * @param reusable is filled if it is long enough; otherwise a new buffer is
 * @throws TsmError `DAMAGED`
 */
export function decompress(block: Uint8Array, reusable: Uint8Array): Decompressed {
  const reader = new ByteReader(block);
  const length = reader.uvarint();
  if (length > GROWTH_MAX * block.length) throw damaged(`${block.length} compressed bytes claim to be ${length}`);
  const out = reusable.length >= length ? reusable : new Uint8Array(Math.ceil(length * 1.25));
  let at = 0;
  let i = reader.position;
  const end = block.length;
  while (i < end) {
    const tag = block[i] as number;
    i += 1;
    let size = (tag >>> 2) + 1;
    if ((tag & 3) === 0) {
      if (size > 60) {
        const sizeBytes = size - 60;
        if (i + sizeBytes > end) throw cut();
        size = littleEndian(block, i, sizeBytes) + 1;
        i += sizeBytes;
      }
      if (size > end - i || size > length - at) throw cut();
      if (size <= 16) for (let j = 0; j < size; j += 1) out[at + j] = block[i + j] as number;
      else out.set(block.subarray(i, i + size), at);
      i += size;
    } else {
      let offset: number;
      if ((tag & 3) === 1) {
        size = ((tag >>> 2) & 7) + 4;
        offset = ((tag >>> 5) << 8) | (block[i] as number);
        i += 1;
      } else {
        const offsetBytes = (tag & 3) === 2 ? 2 : 4;
        offset = i + offsetBytes > end ? 0 : littleEndian(block, i, offsetBytes);
        i += offsetBytes;
      }
      if (i > end || size > length - at) throw cut();
      if (offset === 0 || offset > at) throw damaged('A copy in compressed text reaches before its start');
      if (offset >= size) out.copyWithin(at, at - offset, at - offset + size);
      else for (let j = 0; j < size; j += 1) out[at + j] = out[at + j - offset] as number;
    }
    at += size;
  }
  if (at !== length) throw cut();
  return { bytes: out, length };
}

function littleEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let j = size - 1; j >= 0; j -= 1) value = value * 256 + (bytes[at + j] as number);
  return value;
}

function cut(): Error {
  return damaged('Compressed text is shorter or longer than it claims');
}
