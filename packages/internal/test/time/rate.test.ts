import { expect, it } from 'vitest';
import { Rate } from '../../src/time/rate';

it('a rate lets no second have more work than is allowed', async () => {
  let nowMs = 0;
  const clock = {
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  const rate = new Rate(500, clock);
  const begun: number[] = [];
  for (let i = 0; i < 4; i += 1) {
    await rate.take(1_000);
    begun.push(nowMs);
  }
  expect(begun).toEqual([0, 2_000, 4_000, 6_000]);
});
