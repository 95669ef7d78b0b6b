import { stat, writeFile } from 'node:fs/promises';
import { query, writeRaw } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { previewRestore } from '../../src/preview';
import { restore } from '../../src/restore';
import { describeOnInfluxd, fileOf, numbered, startS } from '../support/ground';
import { unfinish } from '../support/unfinish';

describeOnInfluxd('restore refuses', (ground) => {
  it('a server that holds points, unless intoExisting is set', async () => {
    const { database, influxd } = ground;
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await writeRaw(influxd.url, database, 'other v=1 1');
    const plan = await ground.planOf([fileOf(ground)]);

    await expect(restore(plan, ground.options())).rejects.toMatchObject({
      code: 'SERVER_NOT_EMPTY',
      message: expect.stringContaining(`'other' in policy 'autogen' of '${database}'`),
    });
    expect(await ground.countOf()).toBe(0);
    await expect(previewRestore(plan, ground.options())).rejects.toMatchObject({ code: 'SERVER_NOT_EMPTY' });
    await previewRestore(plan, { ...ground.options(), intoExisting: true });
    await restore(plan, { ...ground.options(), intoExisting: true });
    await unfinish(ground.workspace.journalFile);
    expect(await previewRestore(plan, ground.options())).toMatchObject({ creates: [], wipes: [] });
    expect(await ground.countOf()).toBe(10);
  });

  it('a policy that neither a file nor an option describes, before anything is created', async () => {
    const file = fileOf(ground, { retentionPolicy: 'unknown' });
    await expect(ground.run([file])).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(`'unknown' in '${ground.database}'`),
    });
    expect(await ground.rows('SHOW DATABASES')).not.toContainEqual([ground.database]);
    await expect(stat(ground.workspace.journalFile)).rejects.toMatchObject({ code: 'ENOENT' });
    await ground.run([file], { policies: { unknown: { duration: 'INF' } } });
    expect(await ground.countOf('unknown.m')).toBe(10);
  });

  it('a mapping of a name that the plan does not have: it is misspelled, and its points would go elsewhere', async () => {
    const files = [fileOf(ground), fileOf(ground, { retentionPolicy: 'rp' })];
    for (const [option, names] of [
      ['mapDatabase', { metrix: 'copy' }],
      ['mapRetentionPolicy', { pr: 'rp_5d' }],
    ] as const) {
      const refused = {
        code: 'INVALID_OPTIONS',
        message: expect.stringContaining(`\`${option}\` to name what the plan has`),
      };
      await expect(ground.run(files, { [option]: names })).rejects.toMatchObject(refused);
    }
    expect(await ground.rows('SHOW DATABASES')).not.toContainEqual([ground.database]);
  });

  it('a database without a default policy, if a file needs one, before anything is changed', async () => {
    const { database, influxd } = ground;
    await query(influxd.url, '', `CREATE DATABASE "${database}" WITH NAME kept`);
    await query(influxd.url, '', `DROP RETENTION POLICY kept ON "${database}"`);
    const plan = await ground.planOf([fileOf(ground)]);
    const refusal = {
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(`'${database}' has no default policy`),
    };
    await expect(previewRestore(plan, ground.options())).rejects.toMatchObject(refusal);
    await expect(restore(plan, ground.options())).rejects.toMatchObject(refusal);
    await expect(stat(ground.workspace.journalFile)).rejects.toMatchObject({ code: 'ENOENT' });
    await query(influxd.url, '', `CREATE RETENTION POLICY late ON "${database}" DURATION INF REPLICATION 1 DEFAULT`);
    expect(await restore(plan, ground.options())).toMatchObject({ lines: 10 });
  });

  it('more rejected records than allowed, keeps them, and resumes when more are allowed', async () => {
    const bad = Array.from({ length: 5 }, (_, i) => `m v=oops ${startS + i}\n`).join('');
    const file = fileOf(ground, { lines: `${bad}${numbered(3)}` });
    await expect(ground.run([file], { rejectsMax: 4 })).rejects.toMatchObject({
      code: 'TOO_MANY_REJECTS',
      message: expect.stringContaining('.rejects.part'),
    });
    const report = await ground.run([file], { rejectsMax: 5 });
    expect(report).toMatchObject({ rejected: 5, lines: 3 });
  });

  it('a rejects folder that cannot be written', async () => {
    const { journalFile, rejectsDir } = ground.workspace;
    await writeFile(rejectsDir, '');
    const unwritable = ground.run([fileOf(ground)], { rejectsDir: `${rejectsDir}/below` });
    await expect(unwritable).rejects.toMatchObject({ code: 'REJECTS_UNWRITABLE' });
    await expect(stat(journalFile)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('two databases that go into one if a shard holds only one of them', async () => {
    const { database } = ground;
    const files = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) =>
      fileOf(ground, { database: `${database}_${name}` }),
    );
    const mapDatabase = Object.fromEntries(files.map((file) => [file.database, database]));
    const shard = { index: 0, of: 2 };
    await expect(ground.run(files, { mapDatabase }, { shard })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
