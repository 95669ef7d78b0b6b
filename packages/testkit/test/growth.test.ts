import { expect, it } from 'vitest';
import { type Growing, superlinear } from '../src';

/** Returns work of as many steps as `stepsFor` says. */
function growing(stepsFor: (sizeBytes: number) => number): Growing {
  return { name: 'work', prepare: (sizeBytes) => () => keepBusy(stepsFor(sizeBytes)) };
}

function keepBusy(steps: number): number {
  let sum = 0;
  for (let step = 0; step < steps; step += 1) sum = (sum + step * 7) % 1_000_003;
  return sum;
}

it('work that grows with its input passes, also where the last size takes long', async () => {
  expect(await superlinear([growing((size) => 20 * size)])).toEqual([]);
});

it('quadratic work is named, with the size that gave it away', async () => {
  const found = await superlinear([growing((size) => size ** 2)]);
  expect(found).toEqual([expect.stringMatching(/^work: 10+ bytes take [\d.]+ ms, and a tenth of them [\d.]+ ms$/)]);
});
