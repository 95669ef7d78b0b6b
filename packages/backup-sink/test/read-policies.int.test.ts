import { influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { InfluxDB } from 'influx';
import { afterAll, describe, expect, it } from 'vitest';
import { readPolicies } from '../src/read-policies';

describe.skipIf(!(await influxdAvailable()))('readPolicies', async () => {
  const influxd = await startInfluxd();
  afterAll(() => influxd.stop());

  it('reads from the server what it takes to create each policy again, the default one also by the empty name', async () => {
    await query(influxd.url, '', 'CREATE DATABASE db_0');
    await query(
      influxd.url,
      '',
      'CREATE RETENTION POLICY rp_5d ON db_0 DURATION 5d REPLICATION 1 SHARD DURATION 12h DEFAULT',
    );
    const policies = await readPolicies(new InfluxDB(influxd.url), ['db_0']);
    const partition = { instance: 'influxdb-0', database: 'db_0' };
    const rp5d = { duration: '120h0m0s', shardDuration: '12h0m0s', replication: 1, isDefault: true };
    expect(policies({ ...partition, retentionPolicy: 'rp_5d' })).toEqual(rp5d);
    expect(policies(partition)).toEqual(rp5d);
    expect(policies({ ...partition, retentionPolicy: 'autogen' })).toMatchObject({ duration: 'INF', isDefault: false });
    expect(policies({ ...partition, retentionPolicy: 'unknown' })).toBeUndefined();
    expect(policies({ ...partition, database: 'unknown' })).toBeUndefined();
  });
});
