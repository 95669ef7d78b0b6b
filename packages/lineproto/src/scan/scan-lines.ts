import { isUtf8 } from 'node:buffer';
import { asBuffer, HASH, LF, skipBlanks } from '../bytes';
import { findBrokenName } from '../record/broken-name';
import { type Fault, syntax } from '../record/fault';
import { RecordLayout } from '../record/record-layout';
import { readTimestamp } from '../record/timestamp';
import { keepCompiled } from './keep-compiled';
import { LastKeys } from './known-keys';
import { RecordBoundary } from './record-boundary';
import { scanRegularRecord } from './regular-record';
import { IRREGULAR } from './regular-value';

/** The byte offsets of one record. */
export interface LineRecord {
  /** The offset of the measurement: blanks before it are left out. */
  readonly start: number;
  readonly seriesEnd: number;
  readonly fieldsEnd: number;
  /** The offset of the LF, or the end of the bytes. */
  readonly end: number;
  readonly timestamp: bigint | undefined;
}

/**
 * Yields every record in the bytes, also those that InfluxDB would refuse; blank lines and comments are skipped.
 *
 * Rely only on `start` and `end` of a record that InfluxDB would refuse: its other bounds are as far as they could be found, and
 * it has no timestamp. Yields one reused object: copy what is to be kept.
 *
 * @example
 * ```ts
 * const bytes = Buffer.from('cpu,host=a user=1 1795421700\n');
 * for (const { start, seriesEnd } of scanLines(bytes)) console.log(bytes.toString('utf8', start, seriesEnd));
 * ```
 */
export function* scanLines(bytes: Uint8Array): Generator<LineRecord, void, undefined> {
  const scanner = new LineScanner(asBuffer(bytes));
  while (scanner.next()) yield scanner.record;
}

/** Finds one record after the other, and may be moved forward to where the next one begins. */
export class LineScanner {
  /** The record that was found last. */
  readonly record: { -readonly [key in keyof LineRecord]: LineRecord[key] } = {
    start: 0,
    seriesEnd: 0,
    fieldsEnd: 0,
    end: 0,
    timestamp: undefined,
  };
  readonly #buffer: Buffer;
  readonly #cursor: RecordCursor;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#cursor = new RecordCursor(buffer);
  }

  /** Returns whether there is another record. */
  next(): boolean {
    const cursor = this.#cursor;
    const { record } = this;
    if (!cursor.next()) return false;
    const { layout } = cursor;
    record.start = cursor.start;
    record.end = cursor.end;
    record.seriesEnd = layout.seriesEnd;
    record.fieldsEnd = Math.max(layout.seriesEnd, layout.fieldsEnd);
    record.timestamp = cursor.fault ? undefined : readTimestamp(this.#buffer, layout);
    return true;
  }

  /** Goes on at `offset`, where a record begins. It must not lie before the end of the last one. */
  moveTo(offset: number): void {
    this.#cursor.moveTo(offset);
  }
}

/** Goes from record to record and validates each: if it is written as encoders write, in the same pass that finds its end. */
export class RecordCursor {
  /** The offsets of the record's parts; those of single tags and fields may be missing. */
  readonly layout = new RecordLayout();
  /** The offset of the measurement: blanks before it are left out. */
  start = 0;
  /** The offset of the LF, or the end of the bytes. */
  end = 0;
  /** Says why InfluxDB would refuse the record; the range of its timestamp is not checked. */
  fault: Fault | undefined;
  readonly #buffer: Buffer;
  readonly #bounds: BoundsFinder;
  readonly #lastKeys: LastKeys;
  readonly #checksNames: boolean;
  #from = 0;

  /** @param use `validate` also finds names that InfluxDB takes and cannot read again: see {@link findBrokenName} */
  constructor(buffer: Buffer, use: 'scan' | 'validate' = 'scan') {
    this.#buffer = buffer;
    this.#checksNames = use === 'validate' && !isUtf8(buffer);
    this.#bounds = new BoundsFinder(buffer);
    this.#lastKeys = new LastKeys(buffer);
  }

  /** Returns whether there is another record. */
  next(): boolean {
    if (this.#checksNames) return this.#nextByRule(); // finds every field, which the quicker way does not
    const keys = this.#lastKeys.at(this.#from);
    const end = scanRegularRecord(this.#buffer, this.#from, this.#buffer.length, this.layout, keys);
    if (end === IRREGULAR) return this.#nextByRule();
    this.start = this.#from;
    this.end = end;
    this.fault = undefined;
    this.#from = end + 1;
    return true;
  }

  /** Goes on at `offset`, where a record begins. It must not lie before the end of the last one. */
  moveTo(offset: number): void {
    this.#from = offset;
  }

  #nextByRule(): boolean {
    const bounds = this.#bounds;
    if (!bounds.find(this.#from)) return false;
    this.start = bounds.start;
    this.end = bounds.end;
    this.fault = examine(this.#buffer, bounds, this.layout);
    if (this.#checksNames) this.fault ??= findBrokenName(this.#buffer, bounds.start, this.layout);
    this.#from = bounds.end + 1;
    return true;
  }
}

export interface RecordBounds {
  /** The offset after blanks. */
  readonly start: number;
  /** The offset of the LF, or the end of the bytes. */
  readonly end: number;
  /**
   * Says whether the record would swallow what comes after it: a string in it was never closed, or it ends in a LF that a
   * backslash hides. InfluxDB takes that LF away, with the byte before it.
   */
  readonly isOpen: boolean;
}

/** Yields the bounds of every record in one reused object. */
export function* recordBounds(buffer: Buffer): Generator<RecordBounds, void, undefined> {
  const bounds = new BoundsFinder(buffer);
  for (let from = 0; bounds.find(from); from = bounds.end + 1) yield bounds;
}

export class BoundsFinder implements RecordBounds {
  start = 0;
  end = 0;
  isOpen = false;
  readonly #buffer: Buffer;
  readonly #boundary = new RecordBoundary();

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Finds the first record that begins at `at` or later, behind the one found before; returns `false` if there is none. */
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

/** Returns whether the last byte of a record is a LF: only one that a backslash hides can be. */
function endsInHiddenLf(buffer: Buffer, end: number): boolean {
  return buffer[end - 1] === LF;
}

/** Returns the fault of a record, or fills in where everything in it stands. */
export function examine(buffer: Buffer, { start, end, isOpen }: RecordBounds, layout: RecordLayout): Fault | undefined {
  return isOpen ? neverClosed(end) : layout.scan(buffer, start, end);
}

export function neverClosed(end: number): Fault {
  return syntax('the record never ends: a string value has no closing quote, or a backslash hides its LF', end);
}

const example = new RecordCursor(Buffer.from('m v=1 1\nm v=2 2\n'));
while (example.next());
keepCompiled(example);
