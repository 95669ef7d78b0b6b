import { expect, it } from 'vitest';
import { systemClock } from '../src/clock';
import { Pace } from '../src/pace';

/** Does some work. */
function work(): void {
  let sum = 0;
  for (let i = 0; i < 200_000; i += 1) sum += Math.sqrt(i);
  if (sum < 0) throw new Error('no root is negative');
}

/** Works piece by piece at a pace, in a time in which every pause is over at once. Returns the share of that time that was worked, in percent. */
async function loadOf(percent: number, pieces: number): Promise<number> {
  let pausedMs = 0;
  const clock = {
    ...systemClock,
    sleep: async (ms: number) => {
      pausedMs += ms;
    },
  };
  const pace = new Pace(percent, clock);
  const began = { wallMs: performance.now(), cpu: process.cpuUsage() };
  for (let i = 0; i < pieces; i += 1) {
    work();
    await pace.pause();
  }
  const { user, system } = process.cpuUsage(began.cpu);
  return (100 * (user + system)) / 1e3 / (performance.now() - began.wallMs + pausedMs);
}

it.each([5, 25, 50])('work takes no more than %d %% of a processor', async (percent) => {
  const load = await loadOf(percent, 300);
  expect(load).toBeLessThan(percent * 1.2);
  expect(load).toBeGreaterThan(percent * 0.5);
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
