import { type RawValue, type TypedRow, valueTypes } from '@ceres/influx-http/internal';
import { type Hash64, hashBytes, hashText } from '@ceres/internal';

/** What the upper half of a value is mixed with by its type, so that 1 and 1i differ. An `unsigned` is none of a backup. */
export const typeSalts = {
  float: 0,
  integer: 0x5bd1e995,
  string: 0x2c1b3c6d,
  boolean: 0x297a2d39,
  unsigned: 0x68e31da4,
} as const;
const float = new Float64Array(1);
const floatHalves = new Uint32Array(float.buffer);

/** Puts a value into two halves, exactly: every int64 and every float counts with all its bits. A string is hashed. */
export function hashValue(value: RawValue, into: Hash64): void {
  if (typeof value === 'number') {
    float[0] = value;
    into.hi = floatHalves[1] ?? 0;
    into.lo = floatHalves[0] ?? 0;
  } else if (typeof value === 'bigint') {
    into.hi = Number((value >> 32n) & 0xffffffffn) ^ typeSalts.integer;
    into.lo = Number(value & 0xffffffffn);
  } else if (typeof value === 'string') {
    hashText(value, into);
    into.hi ^= typeSalts.string;
  } else {
    into.hi = typeSalts.boolean;
    into.lo = value ? 1 : 0;
  }
}

/** Puts a value of a row into two halves. The result is that of `hashValue` for the same value. */
export function hashCell(row: TypedRow, i: number, into: Hash64): void {
  const high = row.highs[i] as number;
  const low = row.lows[i] as number;
  const type = row.types[i];
  if (type === valueTypes.string) hashStringAt(row.bytes, high, low, into);
  else {
    const isFloat = type === valueTypes.float;
    into.hi = isFloat ? high : high ^ (type === valueTypes.integer ? typeSalts.integer : typeSalts.boolean);
    into.lo = low;
  }
}

/** Hashes a string in place. */
export function hashStringAt(bytes: Uint8Array, start: number, end: number, into: Hash64): void {
  hashBytes(bytes, start, end, into);
  into.hi ^= typeSalts.string;
}
