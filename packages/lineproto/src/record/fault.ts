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
  const before = Buffer.from(bytes.subarray(place.start, fault.at)).toString('utf8');
  const lastLf = before.lastIndexOf('\n');
  const line = (place.line ?? 1) + before.split('\n').length - 1;
  const column = before.length - lastLf;
  const where = place.index === undefined ? `line ${line}` : `record ${place.index}`;
  return new LineProtocolError(fault.code, `${fault.reason} (${where}, column ${column})`, {
    index: place.index,
    line,
    column,
  });
}
