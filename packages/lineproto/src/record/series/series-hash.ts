import { BACKSLASH, COMMA, EQUALS, SPACE } from '../../bytes';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Returns a hash of the series key in `bytes` from `start` to `end`, an unsigned integer of 32 bits. It is equal for equal series,
 * however they are escaped and in whatever order the tags stand: `to,a=1,b=2` and `to,b=2,a=1` are one series.
 *
 * The tags are hashed one by one (FNV-1a, mixed) and added up, so that they do not have to be sorted.
 */
export function hashSeriesKey(bytes: Uint8Array, start: number, end: number): number {
  let total = 0;
  let part = FNV_OFFSET;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === COMMA && bytes[i - 1] !== BACKSLASH) {
      total = (total + mix(part)) | 0;
      part = FNV_OFFSET + 1;
    } else if (!(byte === BACKSLASH && i + 1 < end && isEscapable(bytes[i + 1]))) {
      part = Math.imul(part ^ byte, FNV_PRIME);
    }
  }
  return mix(total + mix(part)) >>> 0;
}

function isEscapable(byte: number | undefined): boolean {
  return byte === COMMA || byte === SPACE || byte === EQUALS;
}

/** The finalizer of MurmurHash3: every bit of the input changes about half of the output. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
