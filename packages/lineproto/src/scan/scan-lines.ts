import { asBuffer, HASH, LF, skipBlanks } from '../bytes';
import { type Fault, syntax } from '../record/fault';
import { RecordLayout } from '../record/record-layout';
import { readTimestamp } from '../record/timestamp';
import { RecordBoundary } from './record-boundary';
import { IRREGULAR, scanRegularRecord } from './regular-record';

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
  const cursor = new RecordCursor(buffer);
  const { layout } = cursor;
  const record: { -readonly [key in keyof LineRecord]: LineRecord[key] } = {
    start: 0,
    seriesEnd: 0,
    fieldsEnd: 0,
    end: 0,
    timestamp: undefined,
  };
  while (cursor.next()) {
    record.start = cursor.start;
    record.end = cursor.end;
    record.seriesEnd = layout.seriesEnd;
    record.fieldsEnd = Math.max(layout.seriesEnd, layout.fieldsEnd);
    record.timestamp = cursor.fault ? undefined : readTimestamp(buffer, layout);
    yield record;
  }
}

/** Goes from record to record and judges each: where it is written as encoders write, in the same pass that finds its end. */
export class RecordCursor {
  /** Of the record's parts; tags and fields are not told apart. */
  readonly layout = new RecordLayout();
  /** Of the measurement: blanks before it are left out. */
  start = 0;
  /** Before the LF, or the end of the bytes. */
  end = 0;
  /** Why InfluxDB would refuse the record; the range of its timestamp is not judged. */
  fault: Fault | undefined;
  readonly #buffer: Buffer;
  readonly #bounds: BoundsFinder;
  #from = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#bounds = new BoundsFinder(buffer);
  }

  /** Returns whether there is another record. */
  next(): boolean {
    const end = scanRegularRecord(this.#buffer, this.#from, this.#buffer.length, this.layout);
    if (end === IRREGULAR) return this.#nextByRule();
    this.start = this.#from;
    this.end = end;
    this.fault = undefined;
    this.#from = end + 1;
    return true;
  }

  #nextByRule(): boolean {
    const bounds = this.#bounds;
    if (!bounds.find(this.#from)) return false;
    this.start = bounds.start;
    this.end = bounds.end;
    this.fault = examine(this.#buffer, bounds, this.layout);
    this.#from = bounds.end + 1;
    return true;
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

/** The bounds of every record. Yields one reused object. */
export function* recordBounds(buffer: Buffer): Generator<RecordBounds, void, undefined> {
  const bounds = new BoundsFinder(buffer);
  for (let from = 0; bounds.find(from); from = bounds.end + 1) yield bounds;
}

class BoundsFinder implements RecordBounds {
  start = 0;
  end = 0;
  isOpen = false;
  readonly #buffer: Buffer;
  readonly #boundary = new RecordBoundary();

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Of the first record that begins at `at` or later, which must be behind the one found before; `false` if there is none. */
  find(at: number): boolean {
    const buffer = this.#buffer;
    for (let from = at; from < buffer.length; from = this.end + 1) {
      const lf = this.#boundary.next(buffer, from);
      this.end = lf === -1 ? buffer.length : lf;
      this.start = skipBlanks(buffer, from, this.end);
      this.isOpen = (lf === -1 && this.#boundary.isOpen) || endsInHiddenLf(buffer, this.end);
      const isUnfinished = lf === -1 && this.start < this.end && buffer[this.start] !== HASH;
      if (isUnfinished || (lf !== -1 && this.#boundary.stretch === 'record')) return true;
    }
    return false;
  }
}

/** Only a hidden LF can stand before the one that ends a record, or be the last byte of one that has none. */
function endsInHiddenLf(buffer: Buffer, end: number): boolean {
  return buffer[end - 1] === LF;
}

/** One record's fault, or everything in it. */
export function examine(buffer: Buffer, { start, end, isOpen }: RecordBounds, layout: RecordLayout): Fault | undefined {
  return isOpen ? neverClosed(end) : layout.scan(buffer, start, end);
}

function neverClosed(end: number): Fault {
  return syntax('the record never ends: a string value has no closing quote, or a backslash hides its LF', end);
}
