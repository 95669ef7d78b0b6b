import { type RawValue, type TypedRow, valueTypes } from '@ceres/influx-http/internal';
import { type Hash64, hashBytes, hashText, mixInto } from '@ceres/internal';

/** What the hash of a value begins with, by its type. An `unsigned` is none of a backup. */
export const hashedTypes = { float: 1, integer: 2, string: 3, boolean: 4, unsigned: 5 } as const;
const float = new Float64Array(1);
const floatHalves = new Uint32Array(float.buffer);

/** Hashes a value exactly: every int64 and every float counts with all its bits, and 1 and 1i differ. */
export function hashValue(value: RawValue, into: Hash64): void {
  if (typeof value === 'number') {
    float[0] = value;
    begin(hashedTypes.float, into);
    mixInto(into, floatHalves[1] ?? 0, floatHalves[0] ?? 0);
  } else if (typeof value === 'bigint') {
    begin(hashedTypes.integer, into);
    mixInto(into, Number((value >> 32n) & 0xffffffffn), Number(value & 0xffffffffn));
  } else if (typeof value === 'string') {
    hashText(value, into);
    mixInto(into, hashedTypes.string, 0);
  } else {
    begin(hashedTypes.boolean, into);
    mixInto(into, 0, value ? 1 : 0);
  }
}

function begin(type: number, into: Hash64): void {
  into.hi = type;
  into.lo = type;
}

/** Hashes a value of a row in place. The result is that of `hashValue` for the same value. */
export function hashCell(row: TypedRow, i: number, into: Hash64): void {
  const high = row.highs[i] as number;
  const low = row.lows[i] as number;
  const type = row.types[i];
  if (type === valueTypes.string) hashStringAt(row.bytes, high, low, into);
  else {
    begin(
      type === valueTypes.float
        ? hashedTypes.float
        : type === valueTypes.integer
          ? hashedTypes.integer
          : hashedTypes.boolean,
      into,
    );
    mixInto(into, high, low);
  }
}

/** Hashes a string in place. */
export function hashStringAt(bytes: Uint8Array, start: number, end: number, into: Hash64): void {
  hashBytes(bytes, start, end, into);
  mixInto(into, hashedTypes.string, 0);
}
