import { type Clock, systemClock } from '@ceres/internal';

/** How long it works between two rests: too short to be noticed beside it. */
const sliceMs = 2;

/** Rests in between, so that this process takes only a share of one processor, and what runs beside it has the rest. */
export class Pace {
  readonly #share: number;
  readonly #clock: Clock;
  #began = usageNow();
  #resting: Promise<void> | undefined;

  /** @param percent of one processor's time; `Infinity` is no limit */
  constructor(percent: number, clock: Clock) {
    this.#share = percent / 100;
    this.#clock = clock;
  }

  /** Call it after each piece of work, and await what it returns, if anything. @throws the signal's reason */
  rest(signal?: AbortSignal): Promise<void> | undefined {
    if (this.#share === Infinity) return undefined;
    // Whatever else works here rests, too: its time counts as well.
    if (this.#resting !== undefined) return this.#resting;
    if (performance.now() - this.#began.wallMs < sliceMs) return undefined;
    const { wallMs, cpuMs } = usageNow();
    const restMs = (cpuMs - this.#began.cpuMs) / this.#share - (wallMs - this.#began.wallMs);
    if (restMs < 1) return undefined;
    this.#resting = this.#restFor(restMs, signal);
    return this.#resting;
  }

  async #restFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#clock.sleep(ms, signal);
    } finally {
      this.#began = usageNow();
      this.#resting = undefined;
    }
  }
}

/** Takes as much as there is. */
export const fullSpeed = new Pace(Number.POSITIVE_INFINITY, systemClock);

function usageNow() {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1e3 };
}
