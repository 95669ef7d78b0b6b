import type { Clock } from '@ceres/internal';

/** A clock that moves only when something sleeps. */
export class FakeClock implements Clock {
  nowMs = 0;
  readonly slept: number[] = [];

  now(): number {
    return this.nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(ms);
    this.nowMs += ms;
  }
}
