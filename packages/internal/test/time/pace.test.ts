import { expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock';
import { Pace } from '../../src/time/pace';

/** Does some work. */
function work(): void {
  let sum = 0;
  for (let i = 0; i < 200_000; i += 1) sum += Math.sqrt(i);
  if (sum < 0) throw new Error('no root is negative');
}

/** Works piece by piece at a pace, on `threads` processors. Returns the share of one that it took, in percent. */
async function loadOf(percent: number, threads: number): Promise<number> {
  let [wallMs, cpuMs] = [0, 0];
  const clock = {
    ...systemClock,
    sleep: async (ms: number) => {
      wallMs += ms;
    },
  };
  const pace = new Pace(percent, clock, { wallMs: () => wallMs, cpuMs: () => cpuMs });
  for (let i = 0; i < 3_000; i += 1) {
    wallMs += 0.7;
    cpuMs += threads * 0.7;
    await pace.pause();
  }
  return (100 * cpuMs) / wallMs;
}

it.each([
  [5, 1],
  [25, 1],
  [50, 1],
  [50, 2],
  [150, 2],
])('work takes %d %% of a processor, on %d of them', async (percent, threads) => {
  expect(await loadOf(percent, threads)).toBeCloseTo(percent, 1);
});

it('work that takes less than its share never pauses', async () => {
  expect(await loadOf(100, 1)).toBeCloseTo(100, 5);
  expect(await loadOf(300, 2)).toBeCloseTo(200, 5);
});

it('what works beside it waits for the same pause, and the work goes on after it', async () => {
  const ends: (() => void)[] = [];
  const clock = { ...systemClock, sleep: () => new Promise<void>((end) => void ends.push(end)) };
  const pace = new Pace(1, clock);
  let [first, second]: [Promise<void> | undefined, Promise<void> | undefined] = [undefined, undefined];
  while (first === undefined) {
    work();
    first = pace.pause();
  }
  second = pace.pause();
  expect(second).toBe(first);
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await first;
  expect(pace.pause()).toBeUndefined(); // it has just paused
});

it('a pause ends with the signal, and throws its reason', async () => {
  const pace = new Pace(0.001, systemClock);
  const interrupted = new AbortController();
  let pause: Promise<void> | undefined;
  while (pause === undefined) {
    work();
    pause = pace.pause(interrupted.signal);
  }
  interrupted.abort(new Error('SIGTERM'));
  await expect(pause).rejects.toThrow('SIGTERM');
});
