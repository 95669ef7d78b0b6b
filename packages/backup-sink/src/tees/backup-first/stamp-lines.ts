import { type Precision, scanLines, validateLines } from '@ceres/lineproto';
import { rejectsMax } from '../../lines/checked-lines';
import type { RawLines } from '../../stages/encode';
import { fromNanoseconds } from '../parameters/precision';

/**
 * Gives raw lines without a timestamp one in their own precision, as InfluxDB would. The sink on its own would stamp them in
 * nanoseconds, which no coarser precision can hold.
 *
 * @param stamp returns nanoseconds, more with every call
 */
export function stampLines(raw: RawLines, stamp: () => bigint): RawLines {
  if (raw.precision === 'ns') return raw;
  const bytes = typeof raw.lines === 'string' ? Buffer.from(raw.lines) : raw.lines;
  const lacking = countWithoutTimestamp(bytes);
  if (lacking === 0) return raw;
  return { lines: stamped(bytes, lacking, raw.precision, stamp) ?? bytes, precision: raw.precision };
}

/** Returns whether the record with an index has a timestamp of its own. */
export function hasTimestamp({ lines }: RawLines, index: number): boolean {
  let at = 0;
  for (const { timestamp } of scanLines(typeof lines === 'string' ? Buffer.from(lines) : lines)) {
    if (at === index) return timestamp !== undefined;
    at += 1;
  }
  return true; // there is no such record, so nothing is known of it
}

function countWithoutTimestamp(bytes: Uint8Array): number {
  let count = 0;
  for (const { timestamp } of scanLines(bytes)) {
    if (timestamp === undefined) count += 1;
  }
  return count;
}

/**
 * Returns the lines with their stamps; `undefined` if too many are invalid, because the sink will refuse them all. Invalid
 * records stay as they are, for those who read them in the quarantine. A small body may inflate to millions of records, so
 * nothing is kept of one but its bytes.
 */
function stamped(
  bytes: Uint8Array,
  lacking: number,
  precision: Precision,
  stamp: () => bigint,
): Uint8Array | undefined {
  const from = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const to = Buffer.allocUnsafe(bytes.byteLength + lineFeed.length + lacking * stampBytesMax);
  const invalid = validateLines(bytes);
  let nextInvalid = invalid.next().value?.index;
  let invalidCount = 0;
  let sizeBytes = 0;
  let index = 0;
  for (const { start, fieldsEnd, end, timestamp } of scanLines(bytes)) {
    const isInvalid = index === nextInvalid;
    if (isInvalid) {
      nextInvalid = invalid.next().value?.index;
      invalidCount += 1;
      if (invalidCount > rejectsMax) return undefined;
    }
    const stays = timestamp !== undefined || isInvalid;
    sizeBytes += from.copy(to, sizeBytes, start, stays ? end : fieldsEnd);
    sizeBytes += to.write(stays ? lineFeed : ` ${fromNanoseconds(stamp(), precision)}\n`, sizeBytes);
    index += 1;
  }
  return to.subarray(0, sizeBytes);
}

const lineFeed = '\n';
/** A space and the digits of a time in microseconds, the finest unit that is stamped here, until the year 5138. */
const stampBytesMax = ' 99999999999999999'.length;
