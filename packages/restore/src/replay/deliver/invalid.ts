import { type LineProtocolErrorCode, type Precision, validateLines } from '@ceres/lineproto';

/** @returns `undefined` for a record that the line protocol has nothing against; it may lack a timestamp */
export function whyInvalid(record: Uint8Array, precision: Precision): LineProtocolErrorCode | undefined {
  for (const { error } of validateLines(record, { precision })) return error.code;
  return undefined;
}
