/** The reported rate is that of the last `windowMs`. */
const windowMs = 10_000;

interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** Measures how fast a number grows. */
export class Rate {
  #samples: Sample[];

  constructor(nowMs: number) {
    this.#samples = [{ atMs: nowMs, value: 0 }];
  }

  /** Notes the number, and forgets what is too old to count. */
  note(nowMs: number, value: number): void {
    this.#samples.push({ atMs: nowMs, value });
    while ((this.#samples[1]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs - windowMs) this.#samples.shift();
  }

  /** Forgets all that came before: only what follows tells the rate. */
  restart(nowMs: number, value: number): void {
    this.#samples = [{ atMs: nowMs, value }];
  }

  perSecond(nowMs: number, value: number): number {
    const first = this.#samples[0] ?? { atMs: nowMs, value };
    return (value - first.value) / Math.max(0.001, (nowMs - first.atMs) / 1000);
  }
}
