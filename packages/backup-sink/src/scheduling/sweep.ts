/** The interval in real time, so that what is due by an injected clock is noticed soon, and a clock that never sleeps does no harm. */
const sweepMs = 500;

/**
 * One timer for everything that becomes due: segments by age, day or waiter, and parked files. It keeps the process alive while
 * something is open.
 */
export class Sweep {
  readonly #timer: NodeJS.Timeout;

  /** @param tidy handles what is due, and returns `true` while something is open */
  constructor(tidy: () => boolean) {
    this.#timer = setInterval(() => {
      if (!tidy()) this.#timer.unref();
    }, sweepMs).unref();
  }

  /** Keeps the process alive. Call it when something was opened. */
  keepAlive(): void {
    this.#timer.ref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
