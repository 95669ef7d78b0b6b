import type { Clock } from './clock';

/** Spreads work over time, so that no second has more of it than is allowed. */
export class Rate {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #nextMs = 0;

  /** @param perSecond `Infinity` is no limit */
  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Resolves when this much work may begin. @throws the signal's reason */
  async take(count: number, signal?: AbortSignal): Promise<void> {
    if (this.#perSecond === Infinity) return;
    const startMs = Math.max(this.#clock.now(), this.#nextMs);
    this.#nextMs = startMs + (count / this.#perSecond) * 1000;
    const waitMs = startMs - this.#clock.now();
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }
}
