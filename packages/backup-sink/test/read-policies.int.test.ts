import { influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { InfluxDB } from 'influx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InfluxServer, type PolicyReader, readPolicies } from '../src/index';

describe.skipIf(!(await influxdAvailable()))('readPolicies', async () => {
  const influxd = await startInfluxd();
  afterAll(() => influxd.stop());
  beforeAll(async () => {
    await query(influxd.url, '', 'CREATE DATABASE "db 0"');
    const statement =
      'CREATE RETENTION POLICY "rp \\"5d" ON "db 0" DURATION 5d REPLICATION 1 SHARD DURATION 12h DEFAULT';
    await query(influxd.url, '', statement);
  });

  const sources: [string, () => InfluxServer | PolicyReader][] = [
    ['a server', () => ({ url: influxd.url })],
    ['a node-influx client', () => new InfluxDB(influxd.url)],
  ];

  it.each(sources)(
    'reads from %s what it takes to create each policy again, and the own name of the default one',
    async (_, source) => {
      const policies = await readPolicies(source(), ['db 0']);
      const rp5d = { duration: '120h0m0s', shardDuration: '12h0m0s', replication: 1, isDefault: true };
      expect(policies({ database: 'db 0', retentionPolicy: 'rp "5d' })).toEqual(rp5d);
      expect(policies({ database: 'db 0' })).toEqual({ ...rp5d, name: 'rp "5d' });
      const autogen = policies({ database: 'db 0', retentionPolicy: 'autogen' });
      expect(autogen).toMatchObject({ duration: 'INF', isDefault: false });
      expect(policies({ database: 'db 0', retentionPolicy: 'unknown' })).toBeUndefined();
      expect(policies({ database: 'unknown' })).toBeUndefined();
    },
  );

  it.each(sources)('fails if %s has no such database', async (_, source) => {
    await expect(readPolicies(source(), ['unknown'])).rejects.toThrow('database not found');
  });
});
