import { type Clock, systemClock } from './clock';

/** How long it works at least between two pauses, in ms: too short to be noticed beside it. */
const sliceMs = 2;

/** Pauses in between, so that this process takes only a share of one processor, for the sake of what runs beside it. */
export class Pace {
  readonly #share: number;
  readonly #clock: Clock;
  #began = usageNow();
  #pausing: Promise<void> | undefined;

  /** @param percent of one processor's time; `Infinity` is no limit */
  constructor(percent: number, clock: Clock) {
    this.#share = percent / 100;
    this.#clock = clock;
  }

  /** Call it after each piece of work, and await what it returns, if anything. @throws the signal's reason */
  pause(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#share === Infinity) return undefined;
    // What else works at this pace pauses, too: its time counts as well.
    if (this.#pausing !== undefined) return this.#pausing;
    if (performance.now() - this.#began.wallMs < sliceMs) return undefined;
    const { wallMs, cpuMs } = usageNow();
    const pauseMs = (cpuMs - this.#began.cpuMs) / this.#share - (wallMs - this.#began.wallMs);
    if (pauseMs < 1) return undefined;
    this.#pausing = this.#pauseFor(pauseMs, signal);
    return this.#pausing;
  }

  async #pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#clock.sleep(ms, signal);
    } finally {
      this.#began = usageNow();
      this.#pausing = undefined;
    }
  }
}

/** Takes as much as there is. */
export const fullSpeed = new Pace(Number.POSITIVE_INFINITY, systemClock);

function usageNow() {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1e3 };
}
