import type { InfluxSchema } from '../../src/schema/schema';

export const origin = { instance: 'influxdb-0 "a"', takenMs: Date.UTC(2026, 10, 30, 12) };

const odd = 'a "b" \\ c\nd';

export const schema: InfluxSchema = {
  databases: [
    {
      name: 'db_0',
      policies: [
        { name: 'autogen', duration: 'INF', shardDuration: '168h0m0s', replication: 1, isDefault: false },
        { name: 'rp_5d', duration: '120h0m0s', shardDuration: '24h0m0s', replication: 1, isDefault: true },
      ],
      continuousQueries: [
        { name: 'hourly', definition: 'BEGIN SELECT mean(v) AS v INTO db_0.autogen.m FROM db_0.rp_5d.m END' },
        { name: 'late', definition: 'RESAMPLE EVERY 30m FOR 2h BEGIN SELECT mean(v) INTO x FROM m END' },
        { name: 'odd', definition: "BEGIN SELECT v INTO x FROM m WHERE t = ';' END" },
      ],
      subscriptions: [
        { name: 'kapacitor', retentionPolicy: 'rp_5d', mode: 'ANY', destinations: ['http://a:9092', "udp://b's"] },
      ],
    },
    {
      name: odd,
      policies: [{ name: odd, duration: 'INF', shardDuration: '168h0m0s', replication: 1, isDefault: true }],
      continuousQueries: [],
      subscriptions: [{ name: odd, retentionPolicy: odd, mode: 'ALL', destinations: ['http://c'] }],
    },
    { name: 'empty', policies: [], continuousQueries: [], subscriptions: [] },
  ],
  users: [
    { name: 'admin', isAdmin: true, grants: [] },
    {
      name: odd,
      isAdmin: false,
      grants: [
        { database: 'db_0', privilege: 'READ' },
        { database: odd, privilege: 'ALL' },
      ],
    },
  ],
};
