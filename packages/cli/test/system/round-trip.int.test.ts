import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage, teeInflux } from '@ceres/backup-sink';
import { planRestore, restore, verify } from '@ceres/restore';
import { type Influxd, influxdAvailable, influxTool, query, startInfluxd } from '@ceres/testkit';
import { FieldType, InfluxDB, type IPoint } from 'influx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContent } from '../support/content';

const databases = ['db_0', 'db 1, "with" = and é'];
const retentionPolicy = 'rp_5d';
const instance = 'influxdb-0.influxdb';
const schema = databases.map((database) => ({
  database,
  measurement: 'cpu',
  tags: ['host', 'cpu'],
  fields: { usage: FieldType.FLOAT, ticks: FieldType.INTEGER, up: FieldType.BOOLEAN, state: FieldType.STRING },
}));

/** Returns points of a few hosts, with the characters that line protocol has to escape. */
function points(): IPoint[] {
  const startS = Math.floor(Date.now() / 1000) - 3600;
  return Array.from({ length: 1000 }, (_, i) => ({
    measurement: 'cpu',
    tags: { host: `höst ${i % 7}, a=b`, cpu: `cpu${i % 3}` },
    fields: { usage: i / 7, ticks: 9_007_199_254_740_991 - i, up: i % 2 === 0, state: `"quoted", back\\slash ${i}` },
    timestamp: new Date((startS + i) * 1000),
  }));
}

describe.skipIf(!(await influxdAvailable()))('a backup that was written through the tee', () => {
  let folder: string;
  let backupDir: string;
  let server: Influxd;
  /** What InfluxDB itself held after the same writes. */
  const written = new Map<string, string[]>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ceres-round-trip-'));
    backupDir = join(folder, 'backup');
    server = await startInfluxd();
    await createDatabases();
    const sink = await BackupSink.open({
      storage: new LocalStorage(backupDir),
      spoolDir: join(folder, 'spool'),
      precision: 's',
    });
    const influx = teeInflux(new InfluxDB({ host: '127.0.0.1', port: server.httpPort, schema }), sink, { instance });
    for (const database of databases) {
      await influx.writePoints(points(), { database, retentionPolicy, precision: 's' });
      written.set(database, await readContent(server.url, database, retentionPolicy));
    }
    expect(await sink.close()).toEqual({ unstoredFiles: 0 });
  });

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function createDatabases(): Promise<void> {
    const influx = new InfluxDB(server.url);
    for (const database of databases) {
      await influx.createDatabase(database);
      await influx.createRetentionPolicy(retentionPolicy, { database, duration: '5d', replication: 1 });
    }
  }

  async function loseEverything(): Promise<void> {
    await server.destroyData();
    await server.restart();
    expect(await query(server.url, '', 'SHOW DATABASES')).not.toMatchObject([{ values: [['db_0']] }]);
  }

  async function expectEverythingBack(): Promise<void> {
    for (const database of databases) {
      const content = await readContent(server.url, database, retentionPolicy);
      expect(content.length).toBeGreaterThan(1000);
      expect(content).toEqual(written.get(database));
    }
  }

  it("comes back point by point with InfluxDB's own tool alone, file by file", async () => {
    await loseEverything();
    await createDatabases();
    let files = 0;
    for await (const { key } of new LocalStorage(backupDir).list(`${instance}/`)) {
      const { code, stderr } = await influxTool(
        ['-import', '-compressed', `-path=${join(backupDir, key)}`, '-precision=s'],
        server,
      );
      expect(code, stderr).toBe(0);
      files += 1;
    }
    expect(files).toBe(databases.length);
    await expectEverythingBack();
  });

  it('comes back point by point with restore, and verify finds it equal', async () => {
    await loseEverything();
    const storage = new LocalStorage(backupDir);
    const to = { url: server.url };
    const report = await restore(await planRestore({ storage, instance }), {
      to,
      journalFile: join(folder, 'restore.journal'),
      rejectsDir: join(folder, 'rejects'),
      policies: { [retentionPolicy]: { duration: '5d' } },
    });
    expect(report).toMatchObject({ files: 2, lines: 2000, rejected: 0, expired: 0, damagedFiles: [] });
    await expectEverythingBack();
    expect(await verify({ storage, instance, to })).toMatchObject({ equal: true, mismatches: [], points: 2000 });
  });

  it('is not equal for verify once a point is missing', async () => {
    await query(server.url, 'db_0', `DELETE FROM "cpu" WHERE "cpu" = 'cpu1'`);
    const verdict = await verify({ storage: new LocalStorage(backupDir), instance, to: { url: server.url } });
    expect(verdict.equal).toBe(false);
    expect(verdict.mismatches[0]).toMatchObject({ database: 'db_0', retentionPolicy, measurement: 'cpu' });
  });
});
