import { influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { formatSchema } from '../../src/schema/format-schema';
import { parseSchema } from '../../src/schema/parse-schema';
import { readSchema } from '../../src/schema/read-schema';

const odd = '"o\\"dd name"';
const oddUser = '"o\\"dd \\\\ user"';
const statements = [
  'CREATE DATABASE db_0 WITH DURATION 5d REPLICATION 1 SHARD DURATION 1h NAME rp_5d',
  'CREATE RETENTION POLICY rp_1y ON db_0 DURATION INF REPLICATION 1',
  `CREATE DATABASE ${odd}`,
  "CREATE CONTINUOUS QUERY hourly ON db_0 BEGIN SELECT mean(v) INTO rp_1y.m FROM m WHERE host =~ /a'b/ GROUP BY time(1h), * END",
  `CREATE CONTINUOUS QUERY "q\\"2" ON ${odd} RESAMPLE EVERY 30m FOR 2h BEGIN SELECT max(v) INTO n FROM m GROUP BY time(1h) END`,
  "CREATE SUBSCRIPTION sub ON db_0.rp_5d DESTINATIONS ANY 'http://a,b:9092', 'udp://c:1'",
  `CREATE USER ${oddUser} WITH PASSWORD 'secret'`,
  `GRANT READ ON db_0 TO ${oddUser}`,
  `GRANT ALL ON ${odd} TO ${oddUser}`,
];

describe.skipIf(!(await influxdAvailable()))('readSchema', () => {
  it('reads what it takes to make another server like this one', async () => {
    const http = { 'auth-enabled': true, 'shared-secret': 'shared' };
    const influxd = await startInfluxd({ settings: { http } });
    const second = await startInfluxd();
    try {
      await query(influxd.url, '', "CREATE USER root WITH PASSWORD 'secret' WITH ALL PRIVILEGES");
      const asRoot = influxd.url.replace('//', '//root:secret@');
      for (const statement of statements) await query(asRoot, '', statement);
      const schema = await readSchema({ url: asRoot });
      expect(schema.databases.map(({ name }) => name)).toEqual(['db_0', 'o"dd name']);
      expect(schema.databases[0]).toMatchObject({
        policies: expect.arrayContaining([
          { name: 'rp_5d', duration: '120h0m0s', shardDuration: '1h0m0s', replication: 1, isDefault: true },
        ]),
        continuousQueries: [{ name: 'hourly', definition: expect.stringMatching(/^BEGIN SELECT .* END$/) }],
        subscriptions: [
          { name: 'sub', retentionPolicy: 'rp_5d', mode: 'ANY', destinations: ['http://a,b:9092', 'udp://c:1'] },
        ],
      });
      expect(schema.users).toEqual([
        { name: 'root', isAdmin: true, grants: [] },
        {
          name: 'o"dd \\ user',
          isAdmin: false,
          grants: expect.arrayContaining([
            { database: 'db_0', privilege: 'READ' },
            { database: 'o"dd name', privilege: 'ALL' },
          ]),
        },
      ]);
      expect(JSON.stringify(schema)).not.toContain('secret');
      const { users: _, ...withoutUsers } = schema;
      const asUser = { url: influxd.url, username: 'o"dd \\ user', password: 'secret' };
      await expect(readSchema(asUser)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
      expect((await readSchema({ url: asRoot }, { databases: ['db_0'] })).databases).toHaveLength(1);

      // Every line but those of the users is run as it is, and the other server then has the same.
      const text = formatSchema(schema, { instance: 'i', takenMs: 0 });
      for (const line of text.split('\n')) {
        if (line !== '' && !line.startsWith('--')) await query(second.url, '', line);
      }
      expect(await readSchema({ url: second.url })).toEqual({ ...withoutUsers, users: [] });
      expect(parseSchema(text, 'it').schema.users).toEqual(schema.users);
    } finally {
      await Promise.all([influxd.stop(), second.stop()]);
    }
  });
});
