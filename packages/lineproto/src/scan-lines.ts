import { asBuffer, HASH, LF, skipBlanks } from './bytes';
import { type Fault, syntax } from './fault';
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
 * Of a record that InfluxDB would refuse only `start` and `end` can be relied on: the other bounds are as far as they
 * could be found. Yields one reused object: copy what is to be kept.
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
  for (const bounds of recordBounds(buffer)) {
    const { start, end } = bounds;
    const fault = examine(buffer, bounds, layout);
    record.start = start;
    record.end = end;
    record.seriesEnd = layout.seriesEnd;
    record.fieldsEnd = Math.max(layout.seriesEnd, layout.fieldsEnd);
    record.timestamp = fault ? undefined : readTimestamp(buffer, layout);
    yield record;
  }
}

export interface RecordBounds {
  /** After blanks. */
  readonly start: number;
  /** Before the LF. */
  readonly end: number;
  /**
   * Whether the record would swallow what comes after it: a string in it was never closed, or it ends in a LF that a
   * backslash hides. That LF InfluxDB takes away, with the byte before it.
   */
  readonly isOpen: boolean;
}

/** The bounds of every record. */
export function* recordBounds(buffer: Buffer): Generator<RecordBounds, void, undefined> {
  const boundary = new RecordBoundary();
  for (let from = 0; from < buffer.length; ) {
    const lf = boundary.next(buffer, from);
    const end = lf === -1 ? buffer.length : lf;
    const start = skipBlanks(buffer, from, end);
    const isRecord = lf === -1 ? start < end && buffer[start] !== HASH : boundary.stretch === 'record';
    if (isRecord) yield { start, end, isOpen: (lf === -1 && boundary.isOpen) || endsInHiddenLf(buffer, end) };
    from = end + 1;
  }
}

/** Only a hidden LF can stand before the one that ends a record, or be the last byte of one that has none. */
export function endsInHiddenLf(buffer: Buffer, end: number): boolean {
  return buffer[end - 1] === LF;
}

/** One record's fault, or the bounds of its parts. */
export function examine(buffer: Buffer, { start, end, isOpen }: RecordBounds, layout: RecordLayout): Fault | undefined {
  return isOpen ? neverClosed(end) : layout.scanBounds(buffer, start, end);
}

/** One record's fault, or everything in it. */
export function examineFully(
  buffer: Buffer,
  { start, end, isOpen }: RecordBounds,
  layout: RecordLayout,
): Fault | undefined {
  return isOpen ? neverClosed(end) : layout.scan(buffer, start, end);
}

function neverClosed(end: number): Fault {
  return syntax('the record never ends: a string value has no closing quote, or a backslash hides its LF', end);
}
