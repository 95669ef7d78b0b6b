/**
 * Gives timestamps to lines without one: nanoseconds, strictly increasing even when the clock steps back.
 *
 * They are odd, so that no stamp happens to be a whole µs or s: it must not depend on the time of a write if a coarser
 * precision accepts lines without a timestamp.
 */
export class Stamper {
  readonly #now: () => number;
  #last = -1n;

  /** @param now returns the time in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  next(): bigint {
    const now = BigInt(Math.floor(this.#now() * 1000)) * 1000n + 1n;
    this.#last = now > this.#last ? now : this.#last + 2n;
    return this.#last;
  }
}
