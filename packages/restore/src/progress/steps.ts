import type { Clock } from '@ceres/storage';

/** How far a step of a comparison has come, or the check of all files before a wipe. */
export interface StepProgress {
  /** `files` reads the backup, `database` reads the server, and `sinks` waits until running sinks have stored what they hold. */
  readonly step: 'files' | 'database' | 'sinks';
  /** What is done of this step: compressed bytes of files, points of the database, or milliseconds of waiting. */
  readonly done: number;
  /** The whole of it, as far as it is known; of waiting, the longest time. */
  readonly total: number;
  /** The estimated time left for this step; `undefined` until there is something to judge by. */
  readonly etaMs: number | undefined;
}

export type StepReport = (progress: StepProgress) => void;

const reportEveryMs = 250;

/** Counts what is done of one step after another, and reports it a few times a second while something happens. */
export class Steps {
  readonly #clock: Clock;
  readonly #report: StepReport | undefined;
  #step: StepProgress['step'] = 'files';
  #total = 0;
  #done = 0;
  #begunMs = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, report: StepReport | undefined) {
    this.#clock = clock;
    this.#report = report;
  }

  begin(step: StepProgress['step'], total: number): void {
    this.#step = step;
    this.#total = total;
    this.#done = 0;
    this.#begunMs = this.#clock.now();
    this.#reportedMs = Number.NEGATIVE_INFINITY;
    this.#tick();
  }

  /** Counts more of a step. What belongs to another step than the current one does not count. */
  add(step: StepProgress['step'], amount: number): void {
    if (step === this.#step) this.set(step, this.#done + amount);
  }

  /** Corrects what is done of a step. */
  set(step: StepProgress['step'], done: number): void {
    if (step !== this.#step) return;
    this.#done = Math.min(done, this.#total);
    this.#tick();
  }

  #tick(): void {
    if (this.#report === undefined) return;
    const nowMs = this.#clock.now();
    const isDone = this.#done >= this.#total;
    if (nowMs - this.#reportedMs < reportEveryMs && !isDone) return;
    this.#reportedMs = nowMs;
    const etaMs =
      this.#done === 0 ? undefined : Math.round(((nowMs - this.#begunMs) * (this.#total - this.#done)) / this.#done);
    this.#report({ step: this.#step, done: this.#done, total: this.#total, etaMs });
  }
}
