import { randomFrom } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { portableDamage } from '../../campaign/fuzz/portable-damage';

it('A portable backup with a flipped bit, or cut, gives an error or the right values under their names', async () => {
  const { flips, noticed, renames, differences } = await portableDamage(randomFrom(20_261), 300, 1);
  expect(differences).toEqual([]);
  expect(flips).toBeGreaterThan(300);
  expect(noticed + renames).toBeGreaterThan(0.9 * flips);
});
