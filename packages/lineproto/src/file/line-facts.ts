import { asBuffer, BACKSLASH, LF, NUL, QUOTE, SPACE, TAB } from '../bytes';
import { isDigit } from '../field-literal';
import { RecordBoundary } from '../record-boundary';
import { RecordLayout } from '../record-layout';
import { endsInHiddenLf } from '../scan-lines';
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
  const layout = new RecordLayout();
  return scan(
    bytes,
    (buffer, start, end, range) =>
      !isBlank(buffer[start]) &&
      layout.scanBounds(buffer, start, end) === undefined &&
      range.add(buffer, layout.timestampStart, layout.timestampEnd),
  );
}

/**
 * The facts of lines that are known to be valid, as an encoder's are; `undefined` for what is seldom: a record without a timestamp
 * at its very end, or with one before 1970; a comment or a blank line.
 */
export function factsOfValidLines(bytes: Uint8Array): LineFacts | undefined {
  return scan(bytes, (buffer, start, end, range) => {
    let digits = end;
    while (digits > start && isDigit(buffer[digits - 1] as number)) digits -= 1;
    return buffer[digits - 1] === SPACE && range.add(buffer, digits, end);
  });
}

/** Returns whether the record, without its LF, is as it must be. */
type Take = (buffer: Buffer, start: number, end: number, range: TimestampRange) => boolean;

function scan(bytes: Uint8Array, take: Take): LineFacts | undefined {
  const buffer = asBuffer(bytes);
  // Most writes hold neither, and then every LF ends a record.
  const mayHideLf = buffer.includes(QUOTE) || buffer.includes(BACKSLASH);
  const boundary = new RecordBoundary();
  const range = new TimestampRange();
  let [lines, recordBytesMax, hasInnerNewline] = [0, 0, false];
  let from = 0;
  while (from < buffer.length) {
    const lf = boundary.next(buffer, from);
    if (boundary.stretch !== 'record' || (lf === -1 && boundary.isOpen)) return undefined;
    const end = lf === -1 ? buffer.length : lf;
    if (endsInHiddenLf(buffer, end)) return undefined;
    if (!take(buffer, from, end, range)) return undefined;
    if (mayHideLf && !hasInnerNewline) hasInnerNewline = buffer.subarray(from, end).includes(LF);
    lines += 1;
    recordBytesMax = Math.max(recordBytesMax, end + 1 - from);
    from = end + 1;
  }
  return {
    ...{ lines, bytes: from, recordBytesMax, hasInnerNewline },
    ...{ firstTimestamp: range.first, lastTimestamp: range.last },
  };
}

/** InfluxDB skips blanks before a measurement, and the scan of a record expects none. */
function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === NUL;
}

function earlier(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (b < a) return b;
  return a;
}

function later(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (b > a) return b;
  return a;
}
