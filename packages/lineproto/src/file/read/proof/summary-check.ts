import { SPACE } from '../../../bytes';
import { isDigit } from '../../../record/field-value';
import { readFinalTimestamp } from '../../../record/timestamp';
import { TimeExtremes } from '../../../summary/time-extremes';
import type { FileSummary } from '../../header/file-header';
import type { FileDamage } from './file-integrity';

/** The digits of the greatest int64: longer times are not compared. */
const DIGITS_MAX = 19;
/** A number below this one and a half of up to nine digits are held exactly by a double each. */
const BILLION = 1_000_000_000;

/**
 * Sums up the lines of a file while they are read, to compare them with what the header says of them.
 *
 * Nearly every line ends in a space and the digits of its time. Such times are read in two halves, without a bigint for each.
 */
export class SummaryCheck {
  #lines = 0;
  #bytes = 0;
  readonly #times = new TimeExtremes();
  /** The least and the greatest of the times that are not plain digits, and in the end of all. */
  #first: bigint | undefined;
  #last: bigint | undefined;

  /** Counts the records of a batch. */
  add(bytes: Uint8Array, lines: number): void {
    this.#lines += lines;
    this.#bytes += bytes.length;
  }

  /** Takes the time of a record that ends in the LF at `lf`. */
  addTime(bytes: Buffer, lf: number): void {
    let at = lf - 1;
    let low = 0;
    for (let unit = 1; unit < BILLION && isDigit(bytes[at] as number); at -= 1, unit *= 10)
      low += unit * digitAt(bytes, at);
    let high = 0;
    for (let unit = 1; isDigit(bytes[at] as number); at -= 1, unit *= 10) high += unit * digitAt(bytes, at);
    const digits = lf - 1 - at;
    if (digits === 0 || digits > DIGITS_MAX || bytes[at] !== SPACE) {
      this.#addOther(readFinalTimestamp(bytes, lf));
      return;
    }
    this.#times.add(high, low);
  }

  /** Returns in what a summary differs from the lines. */
  difference(summary: FileSummary): FileDamage | undefined {
    this.#addOther(this.#times.first);
    this.#addOther(this.#times.last);
    const [first, last] = [this.#first, this.#last];
    const found = { lines: this.#lines, bytes: this.#bytes, first, last };
    const { lines, bytes, firstTimestamp, lastTimestamp } = summary;
    const said = { lines, bytes, first: firstTimestamp, last: lastTimestamp };
    for (const key of ['lines', 'bytes', 'first', 'last'] as const) {
      if (said[key] === found[key]) continue;
      const holds = found[key] === undefined ? 'no time' : `${key}=${found[key]}`;
      return { fault: 'summary-wrong', reason: `the summary says ${key}=${said[key]}, but the file holds ${holds}` };
    }
    return undefined;
  }

  #addOther(time: bigint | undefined): void {
    if (time === undefined) return;
    if (this.#first === undefined || time < this.#first) this.#first = time;
    if (this.#last === undefined || time > this.#last) this.#last = time;
  }
}

function digitAt(bytes: Buffer, at: number): number {
  return (bytes[at] as number) - 0x30;
}
