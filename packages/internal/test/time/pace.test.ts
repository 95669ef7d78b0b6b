import { expect, it } from 'vitest';
import { systemClock } from '../../src/time/clock';
import { Pace } from '../../src/time/pace';

/** A machine whose times only work and pauses move on. */
function machine() {
  let [wallMs, cpuMs] = [0, 0];
  return {
    usage: { wallMs: () => wallMs, cpuMs: () => cpuMs },
    /** Works for a moment on some processors. */
    work: (threads = 1) => {
      wallMs += 0.7;
      cpuMs += threads * 0.7;
    },
    sleep: async (ms: number) => {
      wallMs += ms;
    },
  };
}

/** Works piece by piece at a pace. Returns the share of one processor that it took, in percent. */
async function loadOf(percent: number, threads: number): Promise<number> {
  const { usage, work, sleep } = machine();
  const pace = new Pace(percent, { ...systemClock, sleep }, usage);
  for (let i = 0; i < 3_000; i += 1) {
    work(threads);
    await pace.pause();
  }
  return (100 * usage.cpuMs()) / usage.wallMs();
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
  const { usage, work } = machine();
  const pace = new Pace(1, clock, usage);
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
  const { usage, work } = machine();
  const pace = new Pace(0.001, systemClock, usage);
  const interrupted = new AbortController();
  let pause: Promise<void> | undefined;
  while (pause === undefined) {
    work();
    pause = pace.pause(interrupted.signal);
  }
  interrupted.abort(new Error('SIGTERM'));
  await expect(pause).rejects.toThrow('SIGTERM');
});
