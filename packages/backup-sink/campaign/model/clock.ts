import type { Clock } from '@ceres/storage';

interface Sleeper {
  readonly wakeMs: number;
  readonly wake: () => void;
}

/** Time that passes when it is told to, and a wall clock that can be set. */
export class VirtualClock {
  #elapsedMs = 0;
  #wallMs: number;
  #sleepers: Sleeper[] = [];

  constructor(startMs: number) {
    this.#wallMs = startMs;
  }

  /** The clock of one process; `isAlive` says whether it still runs. */
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

  /** An operator, or NTP, sets the clock; nobody's sleep ends sooner. */
  set(byMs: number): void {
    this.#wallMs += byMs;
  }
}
