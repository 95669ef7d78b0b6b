import type { Clock } from '@ceres/storage';

/**
 * The clock by which ages are measured: like the given one, but when that is set back, this one stands still for a moment and goes on.
 * An age so never reads less than it is, but for what passed since the clock was last asked: the sweep asks twice a second.
 */
export function steadyClock(clock: Clock): Clock {
  let lastMs = clock.now();
  let setBackMs = 0;
  return {
    now: () => {
      const ms = clock.now();
      setBackMs += Math.max(0, lastMs - ms);
      lastMs = ms;
      return ms + setBackMs;
    },
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
