/** The polynomial of Castagnoli, reflected (RFC 3720, appendix B.4). */
const polynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  return value;
});

/** Returns the CRC32C of the bytes, big-endian and in base64, as Cloud Storage writes it. */
export function crc32cBase64(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  const answer = Buffer.alloc(4);
  answer.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return answer.toString('base64');
}
