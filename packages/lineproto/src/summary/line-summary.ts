import { LF } from '../bytes';
import type { FileSummary } from '../file/header/file-header';
import { readFinalTimestamp } from '../record/timestamp';
import { LineSplitter } from '../scan/line-splitter';
import { recordBounds } from '../scan/scan-lines';
import { IMPORTER_BATCH_LINES, newlineObstacle, REQUEST_BYTES_MAX, requestObstacle } from './importer-obstacles';

/** Of the batches looked at: large enough that the cutting costs nothing. */
const BATCH_BYTES = 1024 * 1024;

/**
 * Sums up the lines of a file as they pass: what `# CERES-SUMMARY` says of them, and what InfluxDB's importer would get
 * wrong.
 *
 * ```ts
 * const lines = new LineSummary();
 * for await (const chunk of spooled) lines.add(chunk);
 * const { summary, notImportable } = lines.finish();
 * ```
 *
 * Chunks may be cut anywhere. Blank lines and comments do not count. The lines must be valid: they are not judged
 * again.
 */
export class LineSummary {
  readonly #splitter = new LineSplitter({ bytesMax: BATCH_BYTES, linesMax: Number.MAX_SAFE_INTEGER });
  readonly #importerBatch = new RunBytes(IMPORTER_BATCH_LINES);
  #lines = 0;
  #bytes = 0;
  #first: bigint | undefined;
  #last: bigint | undefined;
  #hasNewlineInString = false;

  /** @throws LineProtocolError `SYNTAX` for a record over 25,000,000 bytes */
  add(chunk: Uint8Array): void {
    for (const { bytes } of this.#splitter.push(chunk)) this.#sumUp(bytes);
  }

  /** `summary` is `undefined` if no record has a timestamp. */
  finish(): { readonly summary: FileSummary | undefined; readonly notImportable: readonly string[] } {
    for (const { bytes } of this.#splitter.end()) this.#sumUp(bytes);
    const notImportable: string[] = [];
    if (this.#hasNewlineInString) notImportable.push(newlineObstacle);
    if (this.#importerBatch.max > REQUEST_BYTES_MAX) notImportable.push(requestObstacle(this.#importerBatch.max));
    if (this.#first === undefined || this.#last === undefined) return { summary: undefined, notImportable };
    return {
      summary: { lines: this.#lines, bytes: this.#bytes, firstTimestamp: this.#first, lastTimestamp: this.#last },
      notImportable,
    };
  }

  #sumUp(bytes: Uint8Array): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#bytes += buffer.length;
    let from = 0;
    for (const { end } of recordBounds(buffer)) {
      this.#lines += 1;
      this.#importerBatch.add(end + 1 - from);
      const lf = buffer.indexOf(LF, from);
      this.#hasNewlineInString ||= lf !== -1 && lf < end;
      from = end + 1;
      this.#addTimestamp(readFinalTimestamp(buffer, end));
    }
  }

  #addTimestamp(timestamp: bigint | undefined): void {
    if (timestamp === undefined) return;
    if (this.#first === undefined || timestamp < this.#first) this.#first = timestamp;
    if (this.#last === undefined || timestamp > this.#last) this.#last = timestamp;
  }
}

/** The greatest sum of so many consecutive numbers. */
class RunBytes {
  readonly #recent: Float64Array;
  #next = 0;
  #sum = 0;
  max = 0;

  constructor(length: number) {
    this.#recent = new Float64Array(length);
  }

  add(bytes: number): void {
    this.#sum += bytes - (this.#recent[this.#next] ?? 0);
    this.#recent[this.#next] = bytes;
    this.#next = (this.#next + 1) % this.#recent.length;
    if (this.#sum > this.max) this.max = this.#sum;
  }
}
