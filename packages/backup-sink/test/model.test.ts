import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { schedules } from '../campaign/model/commands';
import { World } from '../campaign/model/world';

it('loses nothing that was acked, in any schedule of writes, faults, crashes and clock steps', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      expect((await World.run(schedule)).violations).toEqual([]);
    }),
    { numRuns: 150, seed: 1 },
  );
});
