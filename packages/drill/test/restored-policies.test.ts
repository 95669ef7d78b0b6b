import type { RestorePlan } from '@ceres/restore';
import { expect, it } from 'vitest';
import { restoredPolicies } from '../src/restored-policies';

const planOf = (...partitions: readonly object[]) => ({ partitions }) as unknown as RestorePlan;

it.each([
  ['its own', { duration: '5d', shardDuration: '12h' }, '12h'],
  ['a day below half a year', { duration: '5d' }, '1d'],
  ['an hour below two days', { duration: '47h' }, '1h'],
  ['the choice of the server from half a year', { duration: '26w' }, undefined],
  ['the choice of the server for ever', { duration: 'INF' }, undefined],
  ['the choice of the server where the file names 0', { duration: 'INF', shardDuration: '0s' }, undefined],
  ['the choice of the server where the file has nonsense', { duration: '5d', shardDuration: 'x; DROP' }, undefined],
])('a throwaway policy keeps for ever, with %s as shard duration', (_what, policy, shardDuration) => {
  const plan = planOf({ database: 'db', retentionPolicy: 'rp', policy });
  expect(restoredPolicies(plan)).toEqual({ 'db/rp': { duration: 'INF', ...(shardDuration && { shardDuration }) } });
});

it('every policy of a mixed partition, and the default one, is described', () => {
  const plan = planOf({ database: 'db', retentionPolicy: '', mixed: ['', 'rp'] }, { database: 'other' });
  expect(restoredPolicies(plan)).toEqual({
    'db/': { duration: 'INF' },
    'db/rp': { duration: 'INF' },
    'other/': { duration: 'INF' },
  });
});
