import { BACKSLASH, LF, QUOTE } from '../bytes';
import { isDigit } from '../record/field-value';
import type { LineSummary } from './line-summary';
import { TimeExtremes } from './time-extremes';

/** The digits of the greatest int64. */
const DIGITS_MAX = 19;

/** Sums up records that follow each other. */
export class SummaryBuilder {
  readonly #buffer: Buffer;
  readonly #times = new TimeExtremes();
  #lines = 0;
  #recordBytesMax = 0;
  /** The offset behind the last record and its LF. */
  #end = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /**
   * Adds the next record, which ends before its LF at `end`.
   *
   * @returns `false`, and adds nothing, if anything else stands before the record or it has no timestamp from 1970 on
   */
  add(start: number, timestampStart: number, timestampEnd: number, end: number): boolean {
    if (start !== this.#end || !this.#addTimestamp(timestampStart, timestampEnd)) return false;
    this.#lines += 1;
    this.#recordBytesMax = Math.max(this.#recordBytesMax, end + 1 - start);
    this.#end = end + 1;
    return true;
  }

  /** Returns the summary, or `undefined` if anything else stands behind the last record. */
  finish(): LineSummary | undefined {
    if (this.#end < this.#buffer.length) return undefined;
    return {
      lines: this.#lines,
      bytes: this.#end,
      firstTimestamp: this.#times.first,
      lastTimestamp: this.#times.last,
      recordBytesMax: this.#recordBytesMax,
      hasInnerNewline: this.#hasInnerNewline(),
    };
  }

  /** Takes the digits from `start` to `end`; returns `false` if they are anything but a timestamp from 1970 on. */
  #addTimestamp(start: number, end: number): boolean {
    const bytes = this.#buffer;
    const length = end - start;
    if (length < 1 || length > DIGITS_MAX) return false;
    const middle = Math.max(start, end - 9);
    let high = 0;
    let low = 0;
    for (let i = start; i < middle; i += 1) {
      const byte = bytes[i] as number;
      if (!isDigit(byte)) return false;
      high = high * 10 + byte - 0x30;
    }
    for (let i = middle; i < end; i += 1) {
      const byte = bytes[i] as number;
      if (!isDigit(byte)) return false;
      low = low * 10 + byte - 0x30;
    }
    this.#times.add(high, low);
    return true;
  }

  /** Returns whether there are more LFs than records. Most writes hold nothing that could hide one. */
  #hasInnerNewline(): boolean {
    const buffer = this.#buffer;
    if (!buffer.includes(QUOTE) && !buffer.includes(BACKSLASH)) return false;
    let lineFeeds = buffer.at(-1) === LF ? 0 : 1; // the one that the last record lacks is counted too
    for (let at = buffer.indexOf(LF); at !== -1; at = buffer.indexOf(LF, at + 1)) lineFeeds += 1;
    return lineFeeds > this.#lines;
  }
}
