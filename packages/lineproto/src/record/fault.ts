import { StringDecoder } from 'node:string_decoder';
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
  const column = lengthOfText(before.subarray(before.lastIndexOf(LF) + 1)) + 1;
  const where = place.index === undefined ? `line ${line}` : `record ${place.index}`;
  return new LineProtocolError(fault.code, `${fault.reason} (${where}, column ${column})`, {
    index: place.index,
    line,
    column,
  });
}

/** Decoding this many bytes at once takes no fresh memory. */
const sliceBytes = 64 * 1024;

/** Returns the length of the text that the bytes are in UTF-8; there may be megabytes of them. */
function lengthOfText(bytes: Buffer): number {
  if (bytes.length <= sliceBytes) return bytes.toString().length;
  const decoder = new StringDecoder('utf8');
  let length = 0;
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    length += decoder.write(bytes.subarray(at, at + sliceBytes)).length;
  }
  return length + decoder.end().length;
}

/** Counts in place: a record that is never closed may hold a million line feeds. Mostly there are none, which is found out much faster. */
function countLineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let from = bytes.indexOf(LF); from !== -1; from = bytes.indexOf(LF, from)) {
    const end = Math.min(bytes.length, from + sliceBytes);
    for (; from < end; from += 1) if (bytes[from] === LF) count += 1;
  }
  return count;
}
