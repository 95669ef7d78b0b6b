import { afterEach, describe, expect, it, vi } from 'vitest';
import { influxdAvailable, openInfluxd, query, startInfluxd } from '../../src/index';

describe.skipIf(!(await influxdAvailable()))('openInfluxd', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('leaves the server that INFLUXDB_URL names as it found it', async () => {
    const foreign = await startInfluxd();
    const databases = async () =>
      (await query(foreign.url, '', 'SHOW DATABASES')).flatMap(({ values }) => values.map(([name]) => name));
    await query(foreign.url, '', 'CREATE DATABASE precious');
    vi.stubEnv('INFLUXDB_URL', foreign.url);

    const opened = await openInfluxd();
    expect(opened.url).toBe(foreign.url);
    const name = await opened.createDatabase();
    expect(name).toMatch(/^ceres_test_/);
    expect(await databases()).toEqual(['precious', name]);
    await opened.close();
    expect(await databases()).toEqual(['precious']);
    await foreign.stop();
  });
});
