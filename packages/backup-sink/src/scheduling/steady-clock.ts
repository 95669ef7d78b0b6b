import type { Clock } from '@ceres/storage';

/**
 * Returns the clock by which ages are measured. It is like the given one, but when that is set back, this one stands still for a moment
 * and goes on from there. So an age is never understated, except by the time since the clock was last read: the sweep reads it twice a second.
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
