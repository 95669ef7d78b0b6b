/** Of real time: what is due by an injected clock is found out soon, and a clock that never sleeps does no harm. */
const sweepMs = 500;

/**
 * One timer for all that becomes due: segments by age, day or waiter, and parked files. Keeps the process alive while
 * there is something open.
 */
export class Sweep {
  readonly #timer: NodeJS.Timeout;

  /** `tidy` returns whether there is something open. */
  constructor(tidy: () => boolean) {
    this.#timer = setInterval(() => {
      if (!tidy()) this.#timer.unref();
    }, sweepMs).unref();
  }

  /** To be called when something was opened. */
  keepAlive(): void {
    this.#timer.ref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
