import { type Influxd, influxdAvailable, randomFrom, startInfluxd } from '@ceres/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { influxdSettings, readFromServer, writeForServer } from '../campaign/fuzz/server-legs';

// A short run of `npm run fuzz:tsm`, which makes the points from the seed.
const POINTS = 2_000;
const seed = 20_261;

describe.skipIf(!(await influxdAvailable()))('InfluxDB', () => {
  const servers: Influxd[] = [];
  const start = async (index: 'inmem' | 'tsi1') => {
    const server = await startInfluxd({ settings: influxdSettings(index) });
    servers.push(server);
    return server;
  };
  afterAll(async () => {
    for (const server of servers) await server.stop();
  });

  it.each(['inmem', 'tsi1'] as const)(
    'answers what we wrote into its data directory (%s), also after another start and after a compaction',
    async (index) => {
      const options = { database: 'ours', index, compacts: true };
      const outcome = await writeForServer(await start(index), randomFrom(seed), POINTS, options);
      expect(outcome.differences, `seed ${seed}`).toEqual([]);
      expect(outcome.points).toBeGreaterThan(POINTS / 2);
    },
  );

  it('holds in its backup, its data directory and its WAL what was written, as we read them', async () => {
    const outcome = await readFromServer(await start('inmem'), randomFrom(seed), POINTS, 'theirs');
    expect(outcome.differences, `seed ${seed}`).toEqual([]);
    expect(outcome.points).toBeGreaterThan(POINTS / 2);
  });
});
