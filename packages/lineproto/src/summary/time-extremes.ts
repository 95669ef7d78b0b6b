const BILLION = 1_000_000_000;

/**
 * Keeps the least and the greatest of times from 1970 on.
 *
 * A bigint for each time would cost more than all else that is done with a line. So a time comes in two halves that a double holds
 * exactly: billions, and the rest.
 */
export class TimeExtremes {
  #firstHigh = Infinity;
  #firstLow = 0;
  #lastHigh = -1;
  #lastLow = 0;

  /** Takes the time `high` × 1,000,000,000 + `low`. */
  add(high: number, low: number): void {
    if (high < this.#firstHigh || (high === this.#firstHigh && low < this.#firstLow)) {
      this.#firstHigh = high;
      this.#firstLow = low;
    }
    if (high > this.#lastHigh || (high === this.#lastHigh && low > this.#lastLow)) {
      this.#lastHigh = high;
      this.#lastLow = low;
    }
  }

  /** The least time; `undefined` if there is none. */
  get first(): bigint | undefined {
    return this.#lastHigh < 0 ? undefined : BigInt(this.#firstHigh) * BigInt(BILLION) + BigInt(this.#firstLow);
  }

  /** The greatest time; `undefined` if there is none. */
  get last(): bigint | undefined {
    return this.#lastHigh < 0 ? undefined : BigInt(this.#lastHigh) * BigInt(BILLION) + BigInt(this.#lastLow);
  }
}
