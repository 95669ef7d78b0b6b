import { type Precision, scanLines, validateLines } from '@ceres/lineproto';
import type { RawLines } from '../stages/encode';
import { fromNanoseconds, isPrecision } from './precision';

/**
 * Gives a timestamp to raw lines that come without one, in their own precision: to that, InfluxDB too would cut the time
 * it puts on them. The sink alone stamps in nanoseconds, which no coarser precision can hold.
 *
 * @param stamp nanoseconds, greater with every call
 */
export function stampLines(raw: RawLines, stamp: () => bigint): RawLines {
  if (raw.precision === 'ns' || !isPrecision(raw.precision)) return raw;
  const bytes = typeof raw.lines === 'string' ? Buffer.from(raw.lines) : raw.lines;
  if (!someLackTimestamp(bytes)) return raw;
  return { lines: stamped(bytes, raw.precision, stamp), precision: raw.precision };
}

function someLackTimestamp(bytes: Uint8Array): boolean {
  for (const { timestamp } of scanLines(bytes)) {
    if (timestamp === undefined) return true;
  }
  return false;
}

/** Invalid records stay as they are, for whoever reads them in the quarantine. */
function stamped(bytes: Uint8Array, precision: Precision, stamp: () => bigint): Uint8Array {
  const invalid = new Set([...validateLines(bytes)].map(({ index }) => index));
  const lines: Uint8Array[] = [];
  let index = 0;
  for (const { start, fieldsEnd, end, timestamp } of scanLines(bytes)) {
    if (timestamp !== undefined || invalid.has(index)) {
      lines.push(bytes.subarray(start, end), newline);
    } else {
      lines.push(bytes.subarray(start, fieldsEnd), Buffer.from(` ${fromNanoseconds(stamp(), precision)}\n`));
    }
    index += 1;
  }
  return Buffer.concat(lines);
}

const newline = Buffer.from('\n');
