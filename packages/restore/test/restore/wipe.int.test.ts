import { readFile, writeFile } from 'node:fs/promises';
import { query, writeRaw } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { previewRestore } from '../../src/preview';
import { type BackupFile, gzOf } from '../support/backup';
import { describeOnInfluxd, fileOf, startMs, startS } from '../support/ground';
import { unfinish } from '../support/unfinish';

describeOnInfluxd('restore refuses a wipe', (ground) => {
  it('of a plan with a filter, without a file, or with a faulty file, each with its reason', async () => {
    const file = fileOf(ground);
    const { database } = ground;
    await query(ground.influxd.url, '', `CREATE DATABASE "${database}"`);
    await writeRaw(ground.influxd.url, database, 'old v=1 1');
    const refusal = (reason: string) => ({ code: 'WIPE_REFUSED', message: expect.stringContaining(reason) });
    const wipe = (files: readonly BackupFile[], selection: object = {}) => ground.run(files, { wipe: true }, selection);

    const filters = {
      retentionPolicies: ['~default'],
      measurements: ['m'],
      from: 0n,
      until: 2n ** 62n,
      openedFrom: 0,
      openedBefore: startMs + 1,
      shard: { index: 0, of: 2 },
    };
    for (const [name, value] of Object.entries(filters)) {
      if (name === 'retentionPolicies' || name === 'shard') continue;
      await expect(wipe([file], { [name]: value })).rejects.toMatchObject(refusal(`narrowed by ${name}`));
      const preview = previewRestore(await ground.planOf([file], { [name]: value }), {
        ...ground.options(),
        wipe: true,
      });
      await expect(preview).rejects.toMatchObject(refusal(`narrowed by ${name}`));
    }
    await expect(wipe([])).rejects.toMatchObject({ code: 'NO_FILES' });
    const broken = { ...file, openedMs: startMs + 1, gz: (await gzOf(file)).subarray(0, -3) };
    await expect(wipe([file, broken])).rejects.toMatchObject(refusal('the backup has 1 fault,'));
    expect(await ground.countOf('old')).toBe(1);
  });

  it('of a database into another one of the backup that is not planned', async () => {
    const { database } = ground;
    const files = [fileOf(ground), fileOf(ground, { database: `${database}_b`, openedMs: startMs + 1 })];
    await ground.run(files);
    const into = { wipe: true, mapDatabase: { [database]: `${database}_b` } };
    await expect(ground.run(files, into, { databases: [database] })).rejects.toMatchObject({
      code: 'WIPE_REFUSED',
      message: expect.stringContaining(`a database '${database}_b' that is not planned`),
    });
    expect(await ground.countOf('m', `${database}_b`)).toBe(10);
  });

  it('on the resume of a restore that began without one', async () => {
    const file = fileOf(ground);
    await ground.run([file]);
    await unfinish(ground.workspace.journalFile);
    await expect(ground.run([file], { wipe: true })).rejects.toMatchObject({ code: 'WIPE_REFUSED' });
    expect(await ground.countOf()).toBe(10);
  });
});

describeOnInfluxd('a wipe', (ground) => {
  it('drops nothing if InfluxDB refuses to create a policy, and does not blame the options', async () => {
    const later = '\u{1fae9}'; // of Unicode 16, which Go does not know yet
    const { database, influxd } = ground;
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await writeRaw(influxd.url, database, 'old v=1 1');
    const refused = { openedMs: startMs + 1, retentionPolicy: later, header: { policy: { duration: '48h' } } };
    const wiping = ground.run([fileOf(ground), fileOf(ground, refused)], { wipe: true });
    await expect(wiping).rejects.toMatchObject({
      code: 'SERVER_QUERY_FAILED',
      message: expect.stringContaining(later),
    });
    expect(await ground.countOf('old')).toBe(1);
  });

  it('that was killed before its first drop is finished by the same command', async () => {
    const { database, influxd, workspace } = ground;
    const file = fileOf(ground);
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await writeRaw(influxd.url, database, 'old v=1 1');
    await ground.run([file], { wipe: true });
    // As if killed right after the first write to the journal; the shard is another one by now.
    await writeRaw(influxd.url, database, 'old v=1 1');
    const [header] = (await readFile(workspace.journalFile, 'utf8')).split('\n');
    const shards = (await ground.records('SHOW SHARDS'))
      .filter((shard) => shard.database === database)
      .map(({ id }) => Number(id));
    await writeFile(workspace.journalFile, `${JSON.stringify({ ...JSON.parse(header ?? ''), wipe: shards })}\n`);
    await ground.run([file], { wipe: true });
    expect([await ground.countOf('old'), await ground.countOf()]).toEqual([0, 10]);
  });

  it('of selected databases drops and restores these only, and counts before what it drops and what is newer', async () => {
    const { database, influxd } = ground;
    const other = `${database}_b`;
    const files = [fileOf(ground), fileOf(ground, { database: other, openedMs: startMs + 1 })];
    await ground.run(files);
    for (const name of [database, other]) {
      await writeRaw(influxd.url, name, `m v=1 ${startS + 5}500000000\nm,t=b v=1,w=2 ${startS + 60}000000000`);
    }
    const selection = { databases: [database] };
    const options = { ...ground.options(), wipe: true };
    const { drops, wipes } = await previewRestore(await ground.planOf(files, selection), options);
    expect(drops).toEqual([
      {
        database,
        retentionPolicy: 'autogen',
        shards: wipes.length,
        points: { count: 12, isExact: false },
        newestInBackup: BigInt(startS + 9) * 1_000_000_000n,
        newerPoints: { count: 1, isExact: true },
      },
    ]);
    expect(await ground.run(files, { wipe: true }, selection)).toMatchObject({ files: 1, lines: 10 });
    expect([await ground.countOf(), await ground.countOf('m', other)]).toEqual([10, 12]);
  });

  it('counts all points of a field that has several types in several shards', async () => {
    const { database, influxd } = ground;
    const file = fileOf(ground);
    await ground.run([file]);
    const weekS = 7 * 86_400;
    const older = Array.from({ length: 30 }, (_, i) => `m v="text" ${startS - weekS + i}000000000`);
    await writeRaw(influxd.url, database, older.join('\n'));
    const options = { ...ground.options(), wipe: true };
    const { drops } = await previewRestore(await ground.planOf([file]), options);
    expect(drops).toMatchObject([{ shards: 2, points: { count: 40, isExact: true }, newerPoints: { count: 0 } }]);
  });

  it('drops the shards of the planned policies and nothing else, and never again on a resume', async () => {
    const { database, influxd } = ground;
    const file = fileOf(ground);
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await query(influxd.url, '', `CREATE RETENTION POLICY kept ON "${database}" DURATION INF REPLICATION 1`);
    const select = 'SELECT mean(v) AS v INTO kept.mean FROM m GROUP BY time(1h)';
    await query(influxd.url, '', `CREATE CONTINUOUS QUERY cq ON "${database}" BEGIN ${select} END`);
    await writeRaw(influxd.url, database, 'old v=1 1');
    await writeRaw(influxd.url, database, 'm v=1 1', { rp: 'kept' });

    await ground.run([file], { wipe: true });
    expect([await ground.countOf('old'), await ground.countOf(), await ground.countOf('kept.m')]).toEqual([0, 10, 1]);
    expect((await ground.rows('SHOW CONTINUOUS QUERIES')).map(([name]) => name)).toContain('cq');

    await unfinish(ground.workspace.journalFile);
    await writeRaw(influxd.url, database, `live v=1 ${startS}000000000`);
    await ground.run([file], { wipe: true });
    expect(await ground.countOf('live')).toBe(1);
  });
});
