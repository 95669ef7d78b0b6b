import type { ObjectReader } from '@ceres/storage';
import { query, writeRaw } from '@ceres/testkit';
import { expect, it } from 'vitest';
import type { RestoreProgress } from '../../src/options/restore';
import { planRestore } from '../../src/plan/plan';
import { previewRestore } from '../../src/preview';
import { restore } from '../../src/restore';
import { backupOf, keyOf } from '../support/backup';
import { describeOnInfluxd, numbered, startMs, startS } from '../support/ground';
import { unfinish } from '../support/unfinish';

describeOnInfluxd('restore', (ground) => {
  it('creates database and policy as the files say, and stores every point', async () => {
    const { database } = ground;
    const policy = { duration: '876000h', shardDuration: '24h', replication: 1, isDefault: true };
    const lines = Array.from({ length: 3 }, (_, i) => `m,t=${i} v=${i},w="x" ${startS + i}\n`).join('');
    const report = await ground.run([
      { database, retentionPolicy: 'rp', openedMs: startMs, lines, header: { policy } },
    ]);

    expect(report).toMatchObject({ files: 1, lines: 3, expired: 0, rejected: 0, damagedFiles: [], unsealedFiles: [] });
    expect(await ground.records('SHOW RETENTION POLICIES')).toContainEqual(
      expect.objectContaining({
        name: 'rp',
        duration: '876000h0m0s',
        shardGroupDuration: '24h0m0s',
        replicaN: 1,
        default: true,
      }),
    );
    expect(await ground.rows('SELECT v, w, t FROM rp.m')).toHaveLength(3);
    expect(await ground.workspace.rejected()).toEqual({});
  });

  it('leaves the last write of a point, across files, days and orders of tags', async () => {
    const { database } = ground;
    const day = 86_400_000;
    await ground.run([
      { database, openedMs: startMs + day, lines: `m,b=2,a=1 v=3 ${startS}\n` },
      { database, openedMs: startMs, lines: `m,a=1,b=2 v=1,w=1 ${startS}\nm,b=2,a=1 v=2 ${startS}\n` },
    ]);
    expect(await ground.rows('SELECT v, w FROM m')).toEqual([['2024-01-10T00:00:00Z', 3, 1]]);
  });

  it('sends only records inside the selected times and measurements', async () => {
    const file = {
      database: ground.database,
      openedMs: startMs,
      lines: `${numbered(100)}other v=1 ${startS + 50}\n`,
    };
    const ns = (seconds: number) => BigInt(startS + seconds) * 1_000_000_000n;
    const report = await ground.run([file], {}, { from: ns(10), until: ns(60), measurements: ['m'] });
    expect(report.lines).toBe(50);
    expect(await ground.countOf('m')).toBe(50);
    expect(await ground.countOf('other')).toBe(0);
  });

  it('reads only files with selected times, as the plan counts them, also on a resume', async () => {
    const { database } = ground;
    const storage = await backupOf(
      ...[0, 1, 2, 3, 4, 5].map((i) => ({ database, openedMs: startMs + i, lines: `m v=${i} ${startS + i}\n` })),
    );
    const fetched: string[] = [];
    const counting: ObjectReader = {
      list: (...args) => storage.list(...args),
      get: (key, options) => {
        if (options?.end === undefined) fetched.push(key);
        return storage.get(key, options);
      },
    };
    const ns = (seconds: number) => BigInt(startS + seconds) * 1_000_000_000n;
    const plan = await planRestore({ storage: counting, instance: 'src', from: ns(2), until: ns(4) });
    expect(plan.files).toBe(2);
    let last: RestoreProgress | undefined;
    const run = () =>
      restore(plan, {
        ...ground.options(),
        onProgress: (progress) => {
          last = progress;
        },
      });
    const whole = { files: 2, filesTotal: 2, bytes: plan.bytes, bytesTotal: plan.bytes, lines: 2 };
    expect(await run()).toMatchObject({ files: 2, lines: 2 });
    expect([fetched.length, last]).toMatchObject([2, whole]);

    await unfinish(ground.workspace.journalFile, 1);
    expect(await run()).toMatchObject({ files: 2, lines: 2 });
    expect([fetched.length, last]).toMatchObject([3, whole]);
  });

  it('leaves out a record without a measurement if measurements are selected', async () => {
    const lines = `m v=1 ${startS}\n,a=b v=1 ${startS}\nm v=2 ${startS + 1}\n`;
    const file = { database: ground.database, openedMs: startMs, lines };
    expect(await ground.run([file], {}, { measurements: ['m'] })).toMatchObject({ lines: 2, damagedFiles: [] });
    expect(await ground.countOf()).toBe(2);
  });

  it('restores two databases into one, in the order of their files', async () => {
    const { database } = ground;
    const report = await ground.run(
      [
        { database: `${database}_a`, openedMs: startMs + 1, lines: `m v=2 ${startS}\n` },
        { database: `${database}_b`, openedMs: startMs, lines: `m v=1,w=1 ${startS}\n` },
      ],
      { mapDatabase: { [`${database}_a`]: database, [`${database}_b`]: database } },
    );
    expect(report.lines).toBe(2);
    expect((await ground.rows('SELECT v, w FROM m'))[0]?.slice(1)).toEqual([2, 1]);
  });

  it('does nothing on a second run with a finished journal while the server holds the points, and says so', async () => {
    const { database } = ground;
    const plan = await ground.planOf([{ database, openedMs: startMs, lines: `m v=1 ${startS}\n` }]);
    const first = await restore(plan, ground.options());
    const second = await restore(plan, ground.options());
    expect(first).not.toHaveProperty('alreadyFinished');
    expect({ ...second, elapsedMs: 0 }).toEqual({ ...first, alreadyFinished: true, elapsedMs: 0 });
    expect(await previewRestore(plan, ground.options())).toMatchObject({ alreadyFinished: true, creates: [] });
  });

  it('starts over with a finished journal once the points are gone again, or if it is asked to', async () => {
    const { database, influxd } = ground;
    const plan = await ground.planOf([{ database, openedMs: startMs, lines: `m v=1 ${startS}\n` }]);
    await restore(plan, ground.options());
    await query(influxd.url, '', `DROP DATABASE "${database}"`);
    expect(await previewRestore(plan, ground.options())).toMatchObject({ creates: [`CREATE DATABASE "${database}"`] });
    for (const more of [{}, { intoExisting: true }, { wipe: true }]) {
      const report = await restore(plan, { ...ground.options(), ...more });
      expect(report).toMatchObject({ files: 1, lines: 1 });
      expect(report).not.toHaveProperty('alreadyFinished');
      expect(await ground.countOf()).toBe(1);
    }
  });

  it('says what earlier runs with its journal have done, and when they began', async () => {
    const files = [0, 1, 2].map((n) => ({
      database: ground.database,
      openedMs: startMs + n,
      lines: `m v=${n} ${startS + n}\n`,
    }));
    const beforeMs = Date.now();
    await ground.run(files);
    await unfinish(ground.workspace.journalFile, 2);
    const { resumes } = await previewRestore(await ground.planOf(files), ground.options());
    expect(resumes).toMatchObject({ files: 2, lines: 2, hasWipe: false });
    expect(resumes?.beganMs).toBeGreaterThanOrEqual(beforeMs);
  });

  it('keeps bad records with their reason, and loses no good record', async () => {
    const { database } = ground;
    const file = {
      database,
      openedMs: startMs,
      lines: `m v=1 ${startS}\nm v=oops ${startS + 1}\nm v="text" ${startS + 2}\nm v=2 ${startS + 3}\nm v=7\n`,
    };
    const report = await ground.run([file]);
    expect(report).toMatchObject({ lines: 2, rejected: 3 });
    expect(report.typeConflicts).toEqual([`${database}.autogen.m.v: the backup has string, the shard float`]);
    expect(await ground.rows('SELECT v FROM m')).toHaveLength(2);
    const rejected = (await ground.workspace.rejected())[keyOf(file).replace('.gz', '')];
    expect(rejected).toContain(`# CERES-REASON: code=TYPE_CONFLICT bytes=21\nm v="text" ${startS + 2}\n`);
    expect(rejected).toContain(`# CERES-REASON: code=NO_TIMESTAMP bytes=5\nm v=7\n`);
    expect(rejected).toContain(`m v=oops ${startS + 1}\n`);
  });

  it('sends no record without a timestamp, whatever blanks follow its fields: the server would store it at its own time', async () => {
    const blanks = ['', ' ', '   ', ' \t', ' \0', ' \t\0 '];
    const lines = `m v=1 ${startS}\n${blanks.map((blank) => `m v=3${blank}\n`).join('')}m v=2 ${startS + 1}  \n`;
    const file = { database: ground.database, openedMs: startMs, lines };
    for (const _ of ['restored', 'restored once more']) {
      expect(await ground.run([file], { intoExisting: true })).toMatchObject({ lines: 2, rejected: blanks.length });
      expect(await ground.countOf()).toBe(2);
      await unfinish(ground.workspace.journalFile);
    }
    const rejected = (await ground.workspace.rejected())[keyOf(file).replace('.gz', '')];
    expect(rejected?.match(/code=NO_TIMESTAMP/g)).toHaveLength(blanks.length);
  });

  it('counts expired points separately, and does not send them', async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const lines = `m v=1 ${nowS}\nm v=2 ${nowS - 86_400}\nm v=3 ${nowS - 3_600 - 60}\n`;
    const header = { policy: { duration: '1h' } };
    const report = await ground.run([
      { database: ground.database, retentionPolicy: 'short', openedMs: startMs, lines, header },
    ]);
    expect(report).toMatchObject({ lines: 1, expired: 2, rejected: 0 });
  });

  it('takes a policy as created if InfluxDB lists its durations in other words or rounds them up', async () => {
    const { database } = ground;
    const policies = {
      a: { duration: '87600h500ms', shardDuration: '30m', isDefault: true },
      b: { duration: '5200w', shardDuration: '1000h1u' },
      c: { duration: 'INF', shardDuration: '0s', isDefault: true },
    };
    const files = Object.keys(policies).map((retentionPolicy, i) => ({
      database,
      retentionPolicy,
      openedMs: startMs + i,
      lines: `m v=1 ${startS}\n`,
    }));
    expect(await ground.run(files, { policies })).toMatchObject({ files: 3, lines: 3 });
    const listed = await ground.records(`SHOW RETENTION POLICIES ON "${database}"`);
    expect(listed).toMatchObject([
      { name: 'autogen', default: false },
      { name: 'a', duration: '87600h0m0.5s', shardGroupDuration: '1h0m0s', default: false },
      { name: 'b', duration: '873600h0m0s', shardGroupDuration: '1000h0m0.000001s', default: false },
      { name: 'c', duration: '0s', default: true },
    ]);
  });

  it('previews what it would create and wipe, and what would expire', async () => {
    const { database, influxd } = ground;
    const plan = await ground.planOf([
      {
        database,
        retentionPolicy: 'rp',
        openedMs: startMs,
        lines: `m v=1 ${startS}\n`,
        header: { policy: { duration: '48h' } },
      },
    ]);
    const fresh = await previewRestore(plan, { ...ground.options(), wipe: true });
    expect(fresh.creates).toEqual([
      `CREATE DATABASE "${database}"`,
      `CREATE RETENTION POLICY "rp" ON "${database}" DURATION 48h REPLICATION 1`,
    ]);
    expect(fresh).toMatchObject({ wipes: [], expires: [{ retentionPolicy: 'rp', isShorterThanBackup: false }] });

    await query(influxd.url, '', `CREATE DATABASE "${database}" WITH DURATION 2h NAME rp`);
    await writeRaw(influxd.url, database, 'm v=1');
    const { creates, wipes, expires } = await previewRestore(plan, { ...ground.options(), wipe: true });
    expect(creates).toEqual([]);
    expect(wipes).toMatchObject([{ database, retentionPolicy: 'rp' }]);
    expect(expires).toMatchObject([{ isShorterThanBackup: true }]);
    expect(await ground.rows('SELECT * FROM rp.m')).toHaveLength(1);
  });

  it('warns of expiry only if the first file is older than the policy keeps points', async () => {
    const { database } = ground;
    const policy = { duration: '48h' };
    const openedMs = Date.now();
    const recent = { database, retentionPolicy: 'rp', openedMs, lines: `m v=1 ${startS}\n`, header: { policy } };
    expect((await previewRestore(await ground.planOf([recent]), ground.options())).expires).toEqual([]);
    const old = { ...recent, openedMs: openedMs - 4 * 86_400_000 };
    const { expires } = await previewRestore(await ground.planOf([recent, old]), ground.options());
    expect(expires).toMatchObject([{ database, retentionPolicy: 'rp' }]);
  });
});
