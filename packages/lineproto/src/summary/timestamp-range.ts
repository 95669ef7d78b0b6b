import { isDigit } from '../record/field-value';

const BILLION = 1_000_000_000;
/** The digits of the greatest int64. */
const DIGITS_MAX = 19;

/** The least and the greatest of many timestamps, without a bigint for each: these cost more than all else that is done with a line. */
export class TimestampRange {
  /** Both in two halves that a double holds exactly: billions, and the rest. */
  #firstHigh = Infinity;
  #firstLow = 0;
  #lastHigh = -1;
  #lastLow = 0;

  /** Takes the digits from `start` to `end`; `false` if it is anything but a timestamp from 1970 on, and so not taken. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
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
    if (high < this.#firstHigh || (high === this.#firstHigh && low < this.#firstLow)) {
      this.#firstHigh = high;
      this.#firstLow = low;
    }
    if (high > this.#lastHigh || (high === this.#lastHigh && low > this.#lastLow)) {
      this.#lastHigh = high;
      this.#lastLow = low;
    }
    return true;
  }

  get first(): bigint | undefined {
    return this.#lastHigh < 0 ? undefined : joined(this.#firstHigh, this.#firstLow);
  }

  get last(): bigint | undefined {
    return this.#lastHigh < 0 ? undefined : joined(this.#lastHigh, this.#lastLow);
  }
}

function joined(high: number, low: number): bigint {
  return BigInt(high) * BigInt(BILLION) + BigInt(low);
}
