import { earliest, latest } from '@ceres/influx-http/internal';
import { expect, it } from 'vitest';
import { groupShards } from '../../src/source/query/server-shards';

const dayMs = 86_400_000;
const day = (n: number) => `${new Date(n * dayMs).toISOString().slice(0, 19)}Z`;
const ns = (n: number) => BigInt(n * dayMs) * 1_000_000n;
const policy = { database: 'db', retentionPolicy: 'rp', shardDurationMs: dayMs };

/** A shard from one day until another. */
const shard = (id: number, from: number, until: number, retentionPolicy = 'rp') => {
  return { id, database: 'db', retentionPolicy, start: day(from), end: day(until) };
};

it('each shard is read alone, and together they are all of time', () => {
  const groups = groupShards([shard(9, 9, 10), shard(3, 1, 2), shard(4, 4, 5), shard(5, 4, 5, 'other')], policy);
  expect(groups.map(({ id, firstNs, lastNs }) => [id, firstNs, lastNs])).toEqual([
    [3, earliest, ns(4) - 1n],
    [4, ns(4), ns(9) - 1n],
    [9, ns(9), latest],
  ]);
  expect(groups.map(({ stretches }) => stretches.length)).toEqual([1, 1, 1]);
});

it('shards that overlap are read as one, which is another as soon as one is added or dropped', () => {
  const shards = [shard(1, 0, 7), shard(2, 5, 6), shard(3, 7, 14)];
  const [both, last] = groupShards(shards, policy);
  expect(both).toMatchObject({ id: 2, shardIds: [1, 2], firstNs: earliest, lastNs: ns(7) - 1n });
  expect(both?.stretches.map((stretch) => stretch.shards)).toEqual([1, 2, 1]);
  expect(last).toMatchObject({ id: 3, firstNs: ns(7), lastNs: latest });
  const ids = (list: typeof shards) => groupShards(list, policy).map(({ id }) => id);
  expect(ids([...shards, shard(4, 6, 8)])).toEqual([4]);
  expect(ids(shards.filter(({ id }) => id !== 2))).toEqual([1, 3]);
});
