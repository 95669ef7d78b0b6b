/**
 * Encodes what JSON can hold as InfluxDB's MessagePack answers have it: numbers as integers where they are whole, else as
 * floats; a `bigint` as int64. For servers that stand in for InfluxDB.
 */
export function encodeMessagePack(value: unknown): Buffer {
  if (value === null || value === undefined) return Buffer.of(0xc0);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xc3 : 0xc2);
  if (typeof value === 'string') return encodeText(Buffer.from(value));
  if (typeof value === 'bigint' || Number.isInteger(value)) return encodeInteger(BigInt(value as number | bigint));
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9, 0xcb);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (Array.isArray(value)) return Buffer.concat([head(0xdd, value.length), ...value.map(encodeMessagePack)]);
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Buffer.concat([head(0xdf, entries.length), ...entries.flat().map(encodeMessagePack)]);
}

function encodeText(text: Buffer): Buffer {
  return Buffer.concat([head(0xdb, text.length), text]);
}

function encodeInteger(value: bigint): Buffer {
  const bytes = Buffer.alloc(9, 0xd3);
  bytes.writeBigInt64BE(value, 1);
  return bytes;
}

/** Returns a first byte and the 32-bit length that follows it. */
function head(byte: number, length: number): Buffer {
  const bytes = Buffer.of(byte, 0, 0, 0, 0);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}
