import { nanosecondsPer } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';

/**
 * Gives timestamps to lines without one; in nanoseconds they are strictly increasing, even when the clock steps back.
 *
 * A stamp that is to be stored in a coarser precision is odd in its own unit, so that none happens to be whole in the
 * coarser one: it must not depend on the time of a write whether a sink takes lines without a timestamp.
 */
export class Stamper {
  readonly #now: () => number;
  readonly #storedIn: Precision;
  #last = -1n;

  /** @param now returns the time in ms */
  constructor(now: () => number, storedIn: Precision) {
    this.#now = now;
    this.#storedIn = storedIn;
  }

  /** Returns the time of now in `unit`, cut off. */
  next(unit: Precision = 'ns'): bigint {
    const now = BigInt(Math.floor(this.#now() * 1000)) * 1000n + 1n;
    this.#last = now > this.#last ? now : this.#last + 2n;
    const stamp = this.#last / nanosecondsPer[unit];
    return nanosecondsPer[this.#storedIn] > nanosecondsPer[unit] ? stamp | 1n : stamp;
  }
}
