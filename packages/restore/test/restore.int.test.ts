import { type Influxd, influxdAvailable, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planRestore } from '../src/plan/plan';
import { previewRestore } from '../src/preview';
import { restore } from '../src/restore';
import { backupOf, keyOf } from './support/backup';
import { openWorkspace, type Workspace } from './support/workspace';

const startMs = Date.UTC(2024, 0, 10);
const startS = startMs / 1000;

describe.skipIf(!(await influxdAvailable()))('restore', () => {
  let influxd: Influxd;
  let workspace: Workspace;
  let database: string;
  let count = 0;

  beforeAll(async () => {
    influxd = await startInfluxd();
  });
  afterAll(() => influxd.stop());
  beforeEach(async () => {
    workspace = await openWorkspace();
    count += 1;
    database = `db ${count}`;
  });
  afterEach(() => workspace.remove());

  const options = () => ({ target: { url: influxd.url }, journal: workspace.journal, rejects: workspace.rejects });
  const rows = async (what: string) => (await query(influxd.url, database, what)).flatMap(({ values }) => values);

  it('creates database and policy as the files say, and stores every point', async () => {
    const policy = { duration: '876000h', shardDuration: '24h', replication: 1, isDefault: true };
    const lines = Array.from({ length: 3 }, (_, i) => `m,t=${i} v=${i},w="x" ${startS + i}\n`).join('');
    const storage = await backupOf({
      ...{ database, retentionPolicy: 'rp', openedMs: startMs, lines },
      header: { policy },
    });
    const report = await restore(await planRestore({ storage, instance: 'src' }), options());

    expect(report).toMatchObject({ files: 1, lines: 3, expired: 0, rejected: 0, corruptFiles: [], unsealedFiles: [] });
    expect(await rows('SHOW RETENTION POLICIES')).toContainEqual(['rp', '876000h0m0s', '24h0m0s', 1, true]);
    expect(await rows('SELECT v, w, t FROM rp.m')).toHaveLength(3);
    expect(await workspace.rejected()).toEqual({});
  });

  it('leaves the last write of a point, across files, policies’ order, days and orders of tags', async () => {
    const day = 86_400_000;
    const storage = await backupOf(
      { database, openedMs: startMs + day, lines: `m,b=2,a=1 v=3 ${startS}\n` },
      { database, openedMs: startMs, lines: `m,a=1,b=2 v=1,w=1 ${startS}\nm,b=2,a=1 v=2 ${startS}\n` },
    );
    await restore(await planRestore({ storage, instance: 'src' }), options());
    expect(await rows('SELECT v, w FROM m')).toEqual([['2024-01-10T00:00:00Z', 3, 1]]);
  });

  it('refuses a target that holds points, unless told otherwise', async () => {
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await writeRaw(influxd.url, database, 'other v=1 1');
    const storage = await backupOf({ database, openedMs: startMs, lines: `m v=1 ${startS}\n` });
    const plan = await planRestore({ storage, instance: 'src' });

    await expect(restore(plan, options())).rejects.toMatchObject({ code: 'TARGET_NOT_EMPTY' });
    expect(await rows('SELECT * FROM m')).toEqual([]);
    await restore(plan, { ...options(), intoExisting: true });
    expect(await rows('SELECT * FROM m')).toHaveLength(1);
  });

  it('does nothing on a second run with a finished journal', async () => {
    const storage = await backupOf({ database, openedMs: startMs, lines: `m v=1 ${startS}\n` });
    const plan = await planRestore({ storage, instance: 'src' });
    const first = await restore(plan, options());
    await query(influxd.url, '', `DROP DATABASE "${database}"`);
    const second = await restore(plan, options());
    expect({ ...second, elapsedMs: 0 }).toEqual({ ...first, elapsedMs: 0 });
    expect(await query(influxd.url, '', 'SHOW DATABASES')).not.toContainEqual(database);
  });

  it('keeps bad records with their reason, and loses no good one with them', async () => {
    const file = {
      database,
      openedMs: startMs,
      lines: `m v=1 ${startS}\nm v=oops ${startS + 1}\nm v="text" ${startS + 2}\nm v=2 ${startS + 3}\nm v=7\n`,
    };
    const storage = await backupOf(file);
    const report = await restore(await planRestore({ storage, instance: 'src' }), options());
    expect(report).toMatchObject({ lines: 2, rejected: 3 });
    expect(report.typeConflicts).toEqual([`${database}.autogen.m.v: the backup has string, the target float`]);
    expect(await rows('SELECT v FROM m')).toHaveLength(2);
    const rejected = (await workspace.rejected())[keyOf(file).replace('.gz', '')];
    expect(rejected).toContain(`# CERES-REASON: code=TYPE_CONFLICT bytes=21\nm v="text" ${startS + 2}\n`);
    expect(rejected).toContain(`# CERES-REASON: code=NO_TIMESTAMP bytes=5\nm v=7\n`);
    expect(rejected).toContain(`m v=oops ${startS + 1}\n`);
  });

  it('counts expired points apart, and does not send them', async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const lines = `m v=1 ${nowS}\nm v=2 ${nowS - 86_400}\nm v=3 ${nowS - 3_600 - 60}\n`;
    const storage = await backupOf({
      ...{ database, retentionPolicy: 'short', openedMs: startMs, lines },
      header: { policy: { duration: '1h' } },
    });
    const report = await restore(await planRestore({ storage, instance: 'src' }), options());
    expect(report).toMatchObject({ lines: 1, expired: 2, rejected: 0 });
  });

  it('says beforehand what it would create and wipe, and what would expire', async () => {
    const file = { database, retentionPolicy: 'rp', openedMs: startMs, lines: `m v=1 ${startS}\n` };
    const storage = await backupOf({ ...file, header: { policy: { duration: '48h' } } });
    const plan = await planRestore({ storage, instance: 'src' });
    const fresh = await previewRestore(plan, { ...options(), wipe: true });
    expect(fresh.creates).toEqual([
      `CREATE DATABASE "${database}"`,
      `CREATE RETENTION POLICY "rp" ON "${database}" DURATION 48h REPLICATION 1`,
    ]);
    expect(fresh).toMatchObject({ wipes: [], expires: [{ retentionPolicy: 'rp', isShorterThanBackup: false }] });

    await query(influxd.url, '', `CREATE DATABASE "${database}" WITH DURATION 2h NAME rp`);
    await writeRaw(influxd.url, database, 'm v=1');
    const { creates, wipes, expires } = await previewRestore(plan, { ...options(), wipe: true });
    expect(creates).toEqual([]);
    expect(wipes).toMatchObject([{ database, retentionPolicy: 'rp' }]);
    expect(expires).toMatchObject([{ isShorterThanBackup: true }]);
    expect(await rows('SELECT * FROM rp.m')).toHaveLength(1);
  });
});
