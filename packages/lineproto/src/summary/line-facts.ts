import { asBuffer, BACKSLASH, LF, QUOTE, SPACE } from '../bytes';
import { isDigit } from '../record/field-value';
import { RecordCursor, recordBounds } from '../scan/scan-lines';
import { IMPORTER_BATCH_LINES, newlineObstacle, REQUEST_BYTES_MAX } from './importer-obstacles';
import { TimestampRange } from './timestamp-range';

/**
 * What a backup file's header says of lines, as far as it can be known of each run of lines alone and then be joined:
 * whoever keeps it beside the lines need not read them again.
 */
export interface LineFacts {
  readonly lines: number;
  /** With their LFs. */
  readonly bytes: number;
  /** `undefined` if no record has a timestamp. */
  readonly firstTimestamp: bigint | undefined;
  readonly lastTimestamp: bigint | undefined;
  /** Of the longest record, with its LF. */
  readonly recordBytesMax: number;
  /** InfluxDB's importer gets such a record wrong. */
  readonly hasInnerNewline: boolean;
}

/**
 * What InfluxDB's importer would get wrong about a file of such lines; `undefined` if the facts do not tell, because the records are so long
 * that it depends on how they follow each other: then a {@link LineSummary} must read them.
 */
export function importerObstacles(facts: LineFacts): readonly string[] | undefined {
  if (facts.recordBytesMax * IMPORTER_BATCH_LINES > REQUEST_BYTES_MAX) return undefined;
  return facts.hasInnerNewline ? [newlineObstacle] : [];
}

/** Of no lines at all. */
export const noLines: LineFacts = {
  lines: 0,
  bytes: 0,
  firstTimestamp: undefined,
  lastTimestamp: undefined,
  recordBytesMax: 0,
  hasInnerNewline: false,
};

/** Of the lines of both. */
export function joinLineFacts(a: LineFacts, b: LineFacts): LineFacts {
  return {
    lines: a.lines + b.lines,
    bytes: a.bytes + b.bytes,
    firstTimestamp: earlier(a.firstTimestamp, b.firstTimestamp),
    lastTimestamp: later(a.lastTimestamp, b.lastTimestamp),
    recordBytesMax: Math.max(a.recordBytesMax, b.recordBytesMax),
    hasInnerNewline: a.hasInnerNewline || b.hasInnerNewline,
  };
}

/**
 * The facts of lines that nobody has judged yet, found in the one scan that judges them; `undefined` unless every record is valid,
 * has a timestamp from 1970 on, and nothing but a LF stands between two of them. The last may lack its own LF, which is
 * counted all the same.
 */
export function judgePlainLines(bytes: Uint8Array): LineFacts | undefined {
  const buffer = asBuffer(bytes);
  const cursor = new RecordCursor(buffer);
  const { layout } = cursor;
  const facts = new FactsCollector(buffer);
  while (cursor.next()) {
    if (cursor.fault !== undefined) return undefined;
    if (!facts.add(cursor.start, layout.timestampStart, layout.timestampEnd, cursor.end)) return undefined;
  }
  return facts.finish();
}

/**
 * The facts of lines that are known to be valid, as an encoder's are; `undefined` for what is seldom: a record without a timestamp
 * at its very end, or with one before 1970; a comment or a blank line.
 */
export function factsOfValidLines(bytes: Uint8Array): LineFacts | undefined {
  const buffer = asBuffer(bytes);
  const facts = new FactsCollector(buffer);
  for (const { start, end } of recordBounds(buffer)) {
    let digits = end;
    while (digits > start && isDigit(buffer[digits - 1] as number)) digits -= 1;
    if (buffer[digits - 1] !== SPACE || !facts.add(start, digits, end, end)) return undefined;
  }
  return facts.finish();
}

/** Collects the facts of records that follow each other. */
class FactsCollector {
  readonly #buffer: Buffer;
  readonly #range = new TimestampRange();
  #lines = 0;
  #recordBytesMax = 0;
  /** Behind the last record and its LF. */
  #end = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** `end` is before the LF; `false` if something else stands before the record, or it has no timestamp from 1970 on. */
  add(start: number, timestampStart: number, timestampEnd: number, end: number): boolean {
    if (start !== this.#end || !this.#range.add(this.#buffer, timestampStart, timestampEnd)) return false;
    this.#lines += 1;
    this.#recordBytesMax = Math.max(this.#recordBytesMax, end + 1 - start);
    this.#end = end + 1;
    return true;
  }

  /** `undefined` if something else stands behind the last record. */
  finish(): LineFacts | undefined {
    if (this.#end < this.#buffer.length) return undefined;
    return {
      lines: this.#lines,
      bytes: this.#end,
      firstTimestamp: this.#range.first,
      lastTimestamp: this.#range.last,
      recordBytesMax: this.#recordBytesMax,
      hasInnerNewline: this.#hasInnerNewline(),
    };
  }

  /** Whether there are more LFs than records. Most writes hold nothing that could hide one. */
  #hasInnerNewline(): boolean {
    if (!this.#buffer.includes(QUOTE) && !this.#buffer.includes(BACKSLASH)) return false;
    let lineFeeds = this.#buffer.at(-1) === LF ? 0 : 1; // the one that the last record lacks is counted too
    for (let at = this.#buffer.indexOf(LF); at !== -1; at = this.#buffer.indexOf(LF, at + 1)) lineFeeds += 1;
    return lineFeeds > this.#lines;
  }
}

/** Of those that are there. */
export function earlier(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (b < a) return b;
  return a;
}

/** Of those that are there. */
export function later(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (b > a) return b;
  return a;
}
