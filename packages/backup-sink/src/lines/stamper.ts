/**
 * Timestamps for lines that come without one: ns, strictly increasing also when the clock steps back.
 *
 * They are odd, so that no stamp is by chance a whole µs or s: whether a coarser precision takes lines without a
 * timestamp must not depend on when they are written.
 */
export class Stamper {
  readonly #now: () => number;
  #last = -1n;

  /** `now` in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  next(): bigint {
    const now = BigInt(Math.floor(this.#now() * 1000)) * 1000n + 1n;
    this.#last = now > this.#last ? now : this.#last + 2n;
    return this.#last;
  }
}
