import { asBuffer, LF } from '../bytes';
import { LineProtocolError, type LineProtocolErrorCode } from '../errors';

/** Says why InfluxDB would refuse a record, and at which byte it would notice. */
export interface Fault {
  readonly code: LineProtocolErrorCode;
  readonly reason: string;
  readonly at: number;
}

export function syntax(reason: string, at: number): Fault {
  return { code: 'SYNTAX', reason, at };
}

/** Returns the error for a fault. Line and column are counted from the start of the record. */
export function faultError(
  fault: Fault,
  bytes: Uint8Array,
  place: { readonly start: number; readonly index?: number; readonly line?: number },
): LineProtocolError {
  const before = asBuffer(bytes).subarray(place.start, fault.at);
  const line = (place.line ?? 1) + countLineFeeds(before);
  const column = before.toString('utf8', before.lastIndexOf(LF) + 1).length + 1;
  const where = place.index === undefined ? `line ${line}` : `record ${place.index}`;
  return new LineProtocolError(fault.code, `${fault.reason} (${where}, column ${column})`, {
    index: place.index,
    line,
    column,
  });
}

/** Counts in place: a record that is never closed may hold a million line feeds. */
function countLineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i += 1) if (bytes[i] === LF) count += 1;
  return count;
}
