import { quietIntervals } from './heartbeats';

/** Says when the next heartbeat of an instance is due: at once at first, after an interval if something changed, after twelve if not. */
export class Schedule {
  readonly #intervalMs: number;
  #lastMs: number | undefined;
  #isChanged = true;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Something changed that the last heartbeat does not say. */
  changed(): void {
    this.#isChanged = true;
  }

  /** A heartbeat begins: it says what changed before. */
  begin(nowMs: number): void {
    this.#lastMs = nowMs;
    this.#isChanged = false;
  }

  /** @param isBusy says if the spool holds files that are on their way */
  isDue(nowMs: number, isBusy: () => boolean): boolean {
    if (this.#lastMs === undefined) return true;
    const sinceMs = nowMs - this.#lastMs;
    if (sinceMs < this.#intervalMs) return false;
    return this.#isChanged || sinceMs >= this.#intervalMs * quietIntervals || isBusy();
  }
}
