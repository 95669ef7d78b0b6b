import { crc32 } from 'node:zlib';

/** The polynomial of CRC-32 (IEEE), its bits in reverse order. */
const POLYNOMIAL = 0xedb88320;

/** Eight tables of 256 remainders, one for each of the bytes that are taken at once. */
const TABLES = makeTables();

/** Up to this length, a loop is faster than a call into zlib with a view. */
const LOOP_BYTES_MAX = 200;

/** Returns the CRC-32 (IEEE) of the bytes from index `from` up to, and without, `to`. */
export function crcOf(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > LOOP_BYTES_MAX) return crc32(bytes.subarray(from, to));
  let crc = -1;
  let i = from;
  for (; i + 8 <= to; i += 8) {
    const word =
      crc ^
      ((bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24));
    crc =
      (TABLES[1792 + (word & 255)] as number) ^
      (TABLES[1536 + ((word >>> 8) & 255)] as number) ^
      (TABLES[1280 + ((word >>> 16) & 255)] as number) ^
      (TABLES[1024 + (word >>> 24)] as number) ^
      (TABLES[768 + (bytes[i + 4] as number)] as number) ^
      (TABLES[512 + (bytes[i + 5] as number)] as number) ^
      (TABLES[256 + (bytes[i + 6] as number)] as number) ^
      (TABLES[bytes[i + 7] as number] as number);
  }
  for (; i < to; i += 1) crc = (TABLES[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Makes the tables: that of a byte alone, and those of a byte with one to seven zero bytes behind it. */
function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i += 1) {
    let value = i;
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    tables[i] = value;
  }
  for (let i = 256; i < tables.length; i += 1) {
    const before = tables[i - 256] as number;
    tables[i] = (tables[before & 255] as number) ^ (before >>> 8);
  }
  return tables;
}
