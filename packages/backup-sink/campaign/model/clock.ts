import type { Clock } from '@ceres/storage';

interface Sleeper {
  readonly wakeMs: number;
  readonly wake: () => void;
}

/** A clock whose time passes only by `advance`, and whose wall time can be set. */
export class VirtualClock {
  #elapsedMs = 0;
  #wallMs: number;
  #sleepers: Sleeper[] = [];

  constructor(startMs: number) {
    this.#wallMs = startMs;
  }

  /** Returns the clock of one process; `isAlive` says if it still runs. */
  of(isAlive: () => boolean): Clock {
    return {
      now: () => this.#wallMs,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          const onAbort = () => isAlive() && reject(signal?.reason);
          const wake = () => {
            signal?.removeEventListener('abort', onAbort);
            if (isAlive()) resolve();
          };
          signal?.addEventListener('abort', onAbort, { once: true });
          this.#sleepers.push({ wakeMs: this.#elapsedMs + ms, wake });
        }),
    };
  }

  advance(ms: number): void {
    this.#elapsedMs += ms;
    this.#wallMs += ms;
    const due = this.#sleepers.filter(({ wakeMs }) => wakeMs <= this.#elapsedMs);
    this.#sleepers = this.#sleepers.filter(({ wakeMs }) => wakeMs > this.#elapsedMs);
    for (const { wake } of due) wake();
  }

  /** Sets the wall time, as an operator or NTP does; no sleep ends sooner. */
  set(byMs: number): void {
    this.#wallMs += byMs;
  }
}
