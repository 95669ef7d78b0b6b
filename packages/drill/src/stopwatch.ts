import type { Clock } from '@ceres/internal';
import type { Phase } from './certificate/certificate';

/** Takes the time of each phase of a drill. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #onPhase: (phase: Phase) => void;
  readonly #beganMs: number;
  readonly #phases = new Map<Phase, number>();

  constructor(clock: Clock, onPhase: (phase: Phase) => void) {
    this.#clock = clock;
    this.#onPhase = onPhase;
    this.#beganMs = clock.now();
  }

  async time<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    this.#onPhase(phase);
    const startedMs = this.#clock.now();
    try {
      return await work();
    } finally {
      this.#phases.set(phase, Math.max(0, this.#clock.now() - startedMs) / 1_000);
    }
  }

  /** Returns the seconds of each phase, and of all. */
  seconds(): Readonly<Partial<Record<Phase, number>>> & { readonly total: number } {
    return { ...Object.fromEntries(this.#phases), total: Math.max(0, this.#clock.now() - this.#beganMs) / 1_000 };
  }
}
