import { type Clock, systemClock } from './clock';

/** How long it works at least between two pauses, in ms: too short to be noticed beside it. */
const sliceMs = 2;

/** What tells the time and the processor time of this process, in ms since some moment. */
export interface Usage {
  wallMs(): number;
  cpuMs(): number;
}

export const usageOfProcess: Usage = {
  wallMs: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e3;
  },
};

/** Pauses in between, so that this process takes only a share of one processor, for the sake of what runs beside it. */
export class Pace {
  readonly #share: number;
  readonly #clock: Clock;
  readonly #usage: Usage;
  #wallBeganMs = 0;
  #cpuBeganMs = 0;
  #pausing: Promise<void> | undefined;

  /**
   * @param percent of one processor's time; `Infinity` is no limit
   * @param usage that of tests, if not this process
   */
  constructor(percent: number, clock: Clock, usage: Usage = usageOfProcess) {
    this.#share = percent / 100;
    this.#clock = clock;
    this.#usage = usage;
    this.#begin();
  }

  /** Call it after each piece of work, and await what it returns, if anything. @throws the signal's reason */
  pause(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#share === Infinity) return undefined;
    // What else works at this pace pauses, too: its time counts as well.
    if (this.#pausing !== undefined) return this.#pausing;
    const workedMs = this.#usage.wallMs() - this.#wallBeganMs;
    if (workedMs < sliceMs) return undefined;
    const pauseMs = (this.#usage.cpuMs() - this.#cpuBeganMs) / this.#share - workedMs;
    if (pauseMs < 1) return undefined;
    this.#pausing = this.#pauseFor(pauseMs, signal);
    return this.#pausing;
  }

  async #pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#clock.sleep(ms, signal);
    } finally {
      this.#begin();
      this.#pausing = undefined;
    }
  }

  #begin(): void {
    this.#wallBeganMs = this.#usage.wallMs();
    this.#cpuBeganMs = this.#usage.cpuMs();
  }
}

/** Takes as much as there is. */
export const fullSpeed = new Pace(Number.POSITIVE_INFINITY, systemClock);
