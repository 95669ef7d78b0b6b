import { LF } from '../bytes';
import { readFinalTimestamp } from '../record/timestamp';
import { LineSplitter, type RecordObserver } from '../scan/line-splitter';
import { fileSummaryOf, IMPORTER_BATCH_LINES, importerObstacles, type LineHeaderFields } from './header-fields';

/** The size of the batches that are looked at: large enough that cutting them costs nothing. */
const BATCH_BYTES = 1024 * 1024;

/**
 * Sums up the lines of a file as they pass: what `# CERES-SUMMARY` says of them, and what InfluxDB's importer would get
 * wrong.
 *
 * Chunks may be cut anywhere. Blank lines and comments do not count. The lines must be valid: they are not validated again.
 *
 * @example
 * ```ts
 * import { createReadStream } from 'node:fs';
 *
 * const lines = new LineSummarizer();
 * for await (const chunk of createReadStream('lines.txt')) lines.add(chunk);
 * const header = { database: 'db_0', retentionPolicy: '', formatVersion: 1, precision: 's', ...lines.finish() } as const;
 * ```
 */
export class LineSummarizer {
  readonly #sums = new RecordSums();
  /** A record is found once: a second look at one of 20 MB would keep the event loop. */
  readonly #splitter = new LineSplitter(
    { bytesMax: BATCH_BYTES, linesMax: Number.MAX_SAFE_INTEGER },
    { observer: this.#sums },
  );
  #bytes = 0;

  /** @throws LineProtocolError `SYNTAX` for a record over 25,000,000 bytes */
  add(chunk: Uint8Array): void {
    for (const { bytes } of this.#splitter.push(chunk)) this.#bytes += bytes.length;
  }

  /** Returns what the header says of all lines, also of a last one without LF. */
  finish(): LineHeaderFields {
    for (const { bytes } of this.#splitter.end()) this.#bytes += bytes.length;
    const { lines, first, last, hasInnerNewline, importerBatch } = this.#sums;
    const summary = fileSummaryOf(lines, this.#bytes, { firstTimestamp: first, lastTimestamp: last });
    return { ...(summary && { summary }), notImportable: importerObstacles(hasInnerNewline, importerBatch.max) };
  }
}

/** Sums up records as a splitter finds them. */
class RecordSums implements RecordObserver {
  readonly importerBatch = new RollingSum(IMPORTER_BATCH_LINES);
  lines = 0;
  first: bigint | undefined;
  last: bigint | undefined;
  hasInnerNewline = false;

  onRecord(bytes: Buffer, start: number, end: number): void {
    this.lines += 1;
    this.importerBatch.add(end + 1 - start);
    if (!this.hasInnerNewline) {
      const lf = bytes.indexOf(LF, start);
      this.hasInnerNewline = lf !== -1 && lf < end;
    }
    this.#addTimestamp(readFinalTimestamp(bytes, end));
  }

  #addTimestamp(timestamp: bigint | undefined): void {
    if (timestamp === undefined) return;
    if (this.first === undefined || timestamp < this.first) this.first = timestamp;
    if (this.last === undefined || timestamp > this.last) this.last = timestamp;
  }
}

/** Finds the greatest sum of `length` consecutive numbers. */
class RollingSum {
  readonly #recent: Float64Array;
  #next = 0;
  #sum = 0;
  max = 0;

  constructor(length: number) {
    this.#recent = new Float64Array(length);
  }

  add(number: number): void {
    this.#sum += number - (this.#recent[this.#next] ?? 0);
    this.#recent[this.#next] = number;
    this.#next = (this.#next + 1) % this.#recent.length;
    if (this.#sum > this.max) this.max = this.#sum;
  }
}
