import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { MemoryStorage } from '@ceres/storage';
import { findInfluxBinaries, type Influxd, influxdAvailable, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '../src/index';

const run = promisify(execFile);

const statements = [
  'CREATE DATABASE "b 1" WITH DURATION 90m SHARD DURATION 1h NAME "a \\"policy\\""',
  'CREATE DATABASE a',
  'CREATE RETENTION POLICY year ON a DURATION 52w REPLICATION 1 SHARD DURATION 2w',
  'CREATE CONTINUOUS QUERY hourly ON a BEGIN SELECT mean(v) INTO a.year.m FROM a.autogen.m GROUP BY time(1h), * END',
  `CREATE SUBSCRIPTION one ON a.autogen DESTINATIONS ALL 'http://127.0.0.1:1', 'udp://127.0.0.1:2'`,
  `CREATE SUBSCRIPTION two ON a.year DESTINATIONS ANY 'http://127.0.0.1:3'`,
  `CREATE USER "the admin" WITH PASSWORD 'secret 1' WITH ALL PRIVILEGES`,
  `CREATE USER reader WITH PASSWORD 'secret 2'`,
  'GRANT READ ON a TO reader',
  'GRANT WRITE ON "b 1" TO reader',
  `CREATE USER idle WITH PASSWORD 'secret 3'`,
  'GRANT ALL ON a TO idle',
  'REVOKE ALL ON a FROM idle',
];

const schemaText = `CREATE DATABASE "b 1" WITH DURATION 1h30m0s REPLICATION 1 SHARD DURATION 1h0m0s NAME "a \\"policy\\""
CREATE DATABASE "a" WITH DURATION INF REPLICATION 1 SHARD DURATION 168h0m0s NAME "autogen"
CREATE RETENTION POLICY "year" ON "a" DURATION 8736h0m0s REPLICATION 1 SHARD DURATION 336h0m0s
CREATE CONTINUOUS QUERY "hourly" ON "a" BEGIN SELECT mean(v) INTO a.year.m FROM a.autogen.m GROUP BY time(1h), * END
CREATE SUBSCRIPTION "one" ON "a"."autogen" DESTINATIONS ALL 'http://127.0.0.1:1', 'udp://127.0.0.1:2'
CREATE SUBSCRIPTION "two" ON "a"."year" DESTINATIONS ANY 'http://127.0.0.1:3'
-- Give each user a password, then run these lines without the two dashes.
-- CREATE USER "the admin" WITH PASSWORD '' WITH ALL PRIVILEGES
-- CREATE USER "reader" WITH PASSWORD ''
-- GRANT READ ON "a" TO "reader"
-- GRANT WRITE ON "b 1" TO "reader"
-- CREATE USER "idle" WITH PASSWORD ''
`;

describe.skipIf(!(await influxdAvailable()))('the schema that a seed writes down', () => {
  let folder: string;
  let server: Influxd;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-seed-schema-'));
    server = await startInfluxd();
    for (const statement of statements) await query(server.url, '', statement);
    await writeRaw(server.url, 'a', 'm v=1 1');
  });

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Returns the statements of the schema of a seed, and everything that the seed has stored as one text. */
  async function seeded(source: string, databases?: readonly string[]) {
    const storage = new MemoryStorage();
    const workDir = join(folder, `work-${encodeURIComponent(source)}-${databases}`);
    await seed({ storage, instance: 'i', source, workDir, ...(databases && { databases }) });
    let [schema, everything] = ['', ''];
    for await (const { key } of storage.list('')) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of storage.get(key)) chunks.push(chunk);
      const text = gunzipSync(Buffer.concat(chunks)).toString();
      if (key.startsWith('~schema/')) schema = text;
      everything += text;
    }
    const statementsOf = schema.split('\n').filter((line) => !/^-- CERES-/.test(line));
    return { schema: statementsOf.join('\n'), everything };
  }

  it('is the same by queries, by the snapshot service, by a portable backup and by a data directory, without a password', async () => {
    const byQueries = await seeded(server.url);
    expect(byQueries.schema).toBe(schemaText);
    const portable = join(folder, 'portable');
    const { influxd } = await findInfluxBinaries();
    const address = `127.0.0.1:${server.rpcPort}`;
    await run(influxd, ['backup', '-portable', '-host', address, portable]);
    const found = [await seeded(`tcp://${address}`), await seeded(portable)];
    const ofOne = [await seeded(server.url, ['a']), await seeded(`tcp://${address}`, ['a'])];
    await server.kill();
    found.push(await seeded(join(server.dataDir, 'data')));
    for (const { schema, everything } of found) {
      expect(schema).toBe(schemaText);
      expect(everything).not.toContain('secret');
      expect(everything).not.toContain('$2a$'); // the hash of a password
    }
    expect(ofOne[0]?.schema).toBe(ofOne[1]?.schema);
    expect(ofOne[0]?.schema).not.toContain('b 1');
  });
});
