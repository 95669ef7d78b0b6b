import { asBuffer, skipBlanks } from './bytes';
import { RecordBoundary } from './record-boundary';
import { RecordLayout } from './record-layout';
import { readTimestamp } from './timestamp-text';

/** Byte offsets of one record. */
export interface LineRecord {
  /** Of the measurement: blanks before it are left out. */
  readonly start: number;
  readonly seriesEnd: number;
  readonly fieldsEnd: number;
  /** Before the LF, or the end of the bytes. */
  readonly end: number;
  readonly timestamp: bigint | undefined;
}

/**
 * Every record in the bytes, without decoding or judging them; blank lines and comments are skipped.
 *
 * Of a record that InfluxDB would refuse only `start` and `end` can be relied on: the other bounds are as far as they could be found.
 * Yields one reused object: copy what is to be kept.
 */
export function* scanLines(bytes: Uint8Array): Generator<LineRecord, void, undefined> {
  const buffer = asBuffer(bytes);
  const layout = new RecordLayout();
  const record: { -readonly [key in keyof LineRecord]: LineRecord[key] } = {
    start: 0,
    seriesEnd: 0,
    fieldsEnd: 0,
    end: 0,
    timestamp: undefined,
  };
  for (const { start, end } of recordBounds(buffer)) {
    const fault = layout.scan(buffer, start, end);
    record.start = start;
    record.end = end;
    record.seriesEnd = layout.seriesEnd;
    record.fieldsEnd = Math.max(layout.seriesEnd, layout.fieldsEnd);
    record.timestamp = fault ? undefined : readTimestamp(buffer, layout);
    yield record;
  }
}

/** Start (after blanks) and end (before the LF) of every record. */
export function* recordBounds(buffer: Buffer): Generator<{ start: number; end: number }, void, undefined> {
  const boundary = new RecordBoundary();
  for (let from = 0; from < buffer.length; ) {
    const lf = boundary.next(buffer, from);
    const end = lf === -1 ? buffer.length : lf;
    const start = skipBlanks(buffer, from, end);
    const isRecord = lf === -1 ? start < end && buffer[start] !== 0x23 : boundary.stretch === 'record';
    if (isRecord) yield { start, end };
    from = end + 1;
  }
}
