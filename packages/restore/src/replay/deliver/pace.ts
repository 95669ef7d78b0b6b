import { Rate } from '@ceres/internal';
import type { Clock } from '@ceres/storage';

/** This many good writes in a row are needed before one more is allowed concurrently. */
const goodInARow = 32;

/**
 * Limits how many writes are in flight, and how many lines are written per second. The first limit falls by half while the
 * server is in trouble, and rises again by one, as in TCP.
 */
export class Pace {
  readonly #inFlightMax: number;
  readonly #rate: Rate;
  readonly #signal: AbortSignal;
  #limit: number;
  #inFlight = 0;
  #good = 0;
  /** Set while no write may start. */
  #pause: Promise<void> | undefined;
  #waiting: (() => void)[] = [];

  constructor(limits: { inFlightMax: number; rateLinesPerSecond: number }, clock: Clock, signal: AbortSignal) {
    this.#inFlightMax = limits.inFlightMax;
    this.#limit = limits.inFlightMax;
    this.#rate = new Rate(limits.rateLinesPerSecond, clock);
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  /** Runs one write when there is room for it. */
  async run<T>(lines: number, write: () => Promise<T>): Promise<T> {
    await this.#rate.take(lines, this.#signal);
    while (this.#pause !== undefined || this.#inFlight >= this.#limit) await this.#change();
    this.#inFlight += 1;
    try {
      return await write();
    } finally {
      this.#inFlight -= 1;
      this.#wake();
    }
  }

  /** Counts a write that went well. */
  faster(): void {
    this.#good += 1;
    if (this.#good < goodInARow || this.#limit === this.#inFlightMax) return;
    this.#limit += 1;
    this.#good = 0;
    this.#wake();
  }

  /** Halves the limit after a write that has to be repeated. */
  slower(): void {
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    this.#good = 0;
  }

  /** Waits until no write is in flight, and runs `action` while none can start. Concurrent calls share one run. */
  async alone(action: () => Promise<void>): Promise<void> {
    this.#pause ??= this.#aloneNow(action).finally(() => {
      this.#pause = undefined;
      this.#wake();
    });
    await this.#pause;
  }

  async #aloneNow(action: () => Promise<void>): Promise<void> {
    while (this.#inFlight > 0) await this.#change();
    await action();
  }

  /** @throws the signal's reason */
  async #change(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#signal.throwIfAborted();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
