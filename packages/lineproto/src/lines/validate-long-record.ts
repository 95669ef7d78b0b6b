import { isUtf8 } from 'node:buffer';
import type { Precision } from '@ceres/internal';
import { asBuffer, LF, skipBlanksInSteps } from '../bytes';
import type { LineProtocolError } from '../errors';
import { findBrokenNameInSteps } from '../record/broken-name';
import { type Fault, faultError } from '../record/fault';
import { RecordLayout } from '../record/record-layout';
import { checkTimestampRange, readTimestamp } from '../record/timestamp';
import { RecordBoundary } from '../scan/record-boundary';
import { type LineRecord, neverClosed } from '../scan/scan-lines';

/** One record, judged. Without an error it is valid. */
export interface LongRecord extends LineRecord {
  /** Both are equal if it has no timestamp. */
  readonly timestampStart: number;
  readonly timestampEnd: number;
  readonly hasInnerNewline: boolean;
  /** What `validateLines` would report for it. */
  readonly error: LineProtocolError | undefined;
}

/** How much is looked at in one step: a millisecond, whatever it is. */
const stepBytes = 64 * 1024;

/**
 * Does for a single record what `validateLines` and `scanLines` do, step by step, so that a record of megabytes does not keep the event
 * loop. In such a record, a field whose number has over 512 KiB, a timestamp of over 256 KiB, and more than 200,000 fields are refused.
 *
 * @param bytes one record, with or without its LF; it may have blanks before it
 */
export function* validateLongRecord(bytes: Uint8Array, precision: Precision): Generator<void, LongRecord, undefined> {
  const buffer = asBuffer(bytes);
  const boundary = new RecordBoundary();
  let lf = -1;
  for (let at = 0; at < buffer.length && lf === -1; at += stepBytes) {
    const found = boundary.next(buffer.subarray(at, at + stepBytes), 0);
    lf = found === -1 ? -1 : at + found;
    yield;
  }
  const end = lf === -1 ? buffer.length : lf;
  const start = yield* skipBlanksInSteps(buffer, 0, end);
  const layout = new RecordLayout();
  const isOpen = (lf === -1 && boundary.isOpen) || buffer[end - 1] === LF;
  let fault: Fault | undefined;
  if (isOpen) fault = neverClosed(end);
  else fault = yield* layout.scanInSteps(buffer, start, end);
  if (!fault && !isUtf8(buffer)) fault = yield* findBrokenNameInSteps(buffer, start, layout);
  fault ??= checkTimestampRange(buffer, layout, precision);
  const { seriesEnd, fieldsEnd, timestampStart, timestampEnd } = layout;
  return {
    start,
    seriesEnd,
    fieldsEnd,
    end,
    timestampStart,
    timestampEnd,
    timestamp: fault ? undefined : readTimestamp(buffer, layout),
    hasInnerNewline: buffer.indexOf(LF) !== lf,
    error: fault && faultError(fault, buffer, { start, index: 0 }),
  };
}
