import type { Shard } from '@ceres/tsm';
import { expect, it } from 'vitest';
import { containerShards } from '../../src/source/container-shards';

async function* nothing(): AsyncGenerator<never> {}

const shard: Shard = {
  columns: nothing,
  visitColumns: async () => undefined,
  points: nothing,
  walCuts: [],
  close: async () => undefined,
};

const stored = { database: 'db', retentionPolicy: 'rp', id: 1, sizeBytes: undefined, open: async () => shard };

/** Opens a shard of a running server, and returns what is not in it. */
async function lossesOf(opened: Shard): Promise<readonly string[]> {
  const [only] = containerShards({ meta: undefined, shards: [{ ...stored, open: async () => opened }] });
  return (await only?.open())?.losses ?? [];
}

it('a shard that may lack what was in the cache of its server is a loss, and any other is none', async () => {
  expect(await lossesOf({ ...shard, mayLackCache: true })).toEqual([
    expect.stringContaining('the cache of the server'),
  ]);
  expect(await lossesOf(shard)).toEqual([]);
});

it('what InfluxDB writes about itself is left out', () => {
  const shards = [{ ...stored, database: '_internal' }, stored];
  expect(containerShards({ meta: undefined, shards }).map(({ database }) => database)).toEqual(['db']);
});
