import { type RawValue, type TypedRow, valueTypes } from '@ceres/influx-http/internal';
import { type Hash64, hashBytes, hashText, mixInto } from '@ceres/internal';
import { fieldType, readPlainBoolean, readPlainFloat, readPlainInteger } from '@ceres/lineproto/internal';

const types = { float: 1, integer: 2, string: 3, boolean: 4 };
const float = new Float64Array(1);
const floatHalves = new Uint32Array(float.buffer);

/** Hashes a value exactly: every int64 and every float counts with all its bits, and 1 and 1i differ. */
export function hashValue(value: RawValue, into: Hash64): void {
  if (typeof value === 'number') {
    float[0] = value;
    begin(types.float, into);
    mixInto(into, floatHalves[1] ?? 0, floatHalves[0] ?? 0);
  } else if (typeof value === 'bigint') {
    begin(types.integer, into);
    mixInto(into, Number((value >> 32n) & 0xffffffffn), Number(value & 0xffffffffn));
  } else if (typeof value === 'string') {
    hashText(value, into);
    mixInto(into, types.string, 0);
  } else {
    begin(types.boolean, into);
    mixInto(into, 0, value ? 1 : 0);
  }
}

/** Hashes an integer that a double holds exactly. The result is that of `hashValue` for the same number as a `bigint`. */
function hashInteger(value: number, into: Hash64): void {
  const high = Math.floor(value / 2 ** 32);
  begin(types.integer, into);
  mixInto(into, high >>> 0, (value - high * 2 ** 32) >>> 0);
}

function begin(type: number, into: Hash64): void {
  into.hi = type;
  into.lo = type;
}

/** Hashes a valid value without backslashes in place. The result is that of `hashValue` for the parsed value. */
export function hashPlainValue(bytes: Buffer, start: number, end: number, into: Hash64): void {
  const type = fieldType(bytes, start, end);
  if (type === 'string') hashString(bytes, start + 1, end - 1, into);
  else if (type === 'boolean') hashValue(readPlainBoolean(bytes, start), into);
  else if (type === 'float') hashValue(readPlainFloat(bytes, start, end), into);
  else {
    const integer = readPlainInteger(bytes, start, end);
    if (typeof integer === 'number') hashInteger(integer, into);
    else hashValue(integer, into);
  }
}

/** Hashes a value of a row in place. The result is that of `hashValue` for the same value. */
export function hashCell(row: TypedRow, i: number, into: Hash64): void {
  const high = row.highs[i] as number;
  const low = row.lows[i] as number;
  const type = row.types[i];
  if (type === valueTypes.string) hashString(row.bytes, high, low, into);
  else {
    begin(type === valueTypes.float ? types.float : type === valueTypes.integer ? types.integer : types.boolean, into);
    mixInto(into, high, low);
  }
}

function hashString(bytes: Uint8Array, start: number, end: number, into: Hash64): void {
  hashBytes(bytes, start, end, into);
  mixInto(into, types.string, 0);
}
