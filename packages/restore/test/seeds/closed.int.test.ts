import { join } from 'node:path';
import { LocalStorage } from '@ceres/storage';
import { expect, it } from 'vitest';
import { compile } from '../../src/compile/folder/compile';
import { planRestore } from '../../src/plan/plan';
import { restore } from '../../src/restore';
import { verify } from '../../src/verify/verify';
import { type BackupFile, gzOf, keyOf, putFiles } from '../support/backup';
import { describeOnInfluxd } from '../support/ground';
import { putSeed } from '../support/seed';

const hour = 3_600_000;
const takenMs = Date.UTC(2026, 10, 20, 12);
const points = (value: number, from: number, until: number) =>
  Array.from({ length: until - from }, (_, i) => `m,t=a v=${value},s=${from + i}i ${from + i}\n`).join('');

describeOnInfluxd('a damaged file that a later seed covers', (ground) => {
  it('is passed over by a restore, a wipe and a compile, which are whole without it, as is the comparison', async () => {
    const place = { database: ground.database, retentionPolicy: 'autogen', header: { precision: 'ns' } as const };
    const whole: BackupFile = { ...place, openedMs: takenMs - hour, lines: points(2, 10, 30) };
    const damaged: BackupFile = { ...place, openedMs: takenMs - hour / 2, lines: points(3, 25, 50) };
    const later: BackupFile = { ...place, openedMs: takenMs + hour, lines: points(5, 45, 50) };
    const storage = new LocalStorage(join(ground.workspace.folder, 'backup'));
    await putFiles(storage, [whole, { ...damaged, gz: (await gzOf(damaged)).subarray(0, -9) }, later]);
    const selection = { storage, instance: 'src' };
    const policies = { autogen: { duration: 'INF' } };
    const key = keyOf(damaged);

    const before = await restore(await planRestore(selection), { ...ground.options(), policies });
    expect(before).toMatchObject({ files: 2, damagedFiles: [{ key, problem: 'cut-off' }], closedFiles: [] });

    // The database still has the values of the damaged file when it is seeded again.
    const copied = points(1, 0, 10) + points(2, 10, 25) + points(3, 25, 50);
    await putSeed(storage, { takenMs, namesMs: takenMs - 1, files: [{ ...place, lines: copied }] });
    const closed = [{ key, problem: 'cut-off', closed: true }];
    const resumed = await restore(await planRestore(selection), { ...ground.options(), policies });
    expect(resumed).toMatchObject({ files: 3, damagedFiles: [], closedFiles: closed });
    const select = 'SELECT s, v FROM m';
    const expected = Array.from({ length: 50 }, (_, i) => [i, i >= 45 ? 5 : i >= 25 ? 3 : i >= 10 ? 2 : 1]);
    expect((await ground.rows(select)).map(([, s, v]) => [s, v])).toEqual(expected);

    expect(await restore(await planRestore(selection), { ...ground.options(), policies })).toMatchObject({
      alreadyFinished: true,
      closedFiles: closed,
    });
    const wiped = await restore(await planRestore(selection), { ...ground.options(), policies, wipe: true });
    expect(wiped).toMatchObject({ files: 3, damagedFiles: [], closedFiles: closed });
    expect((await ground.rows(select)).map(([, s, v]) => [s, v])).toEqual(expected);
    const comparison = { ...selection, level: 'content', to: { url: ground.influxd.url } } as const;
    expect(await verify(comparison)).toMatchObject({ outcome: 'EQUAL', notCompared: [], findings: closed });

    const folders = {
      out: join(ground.workspace.folder, 'out'),
      rejectsDir: join(ground.workspace.folder, 'rejected'),
    };
    const report = await compile(await planRestore(selection), { ...folders, policies });
    expect(report).toMatchObject({ files: 3, damagedFiles: [], closedFiles: closed });
  });
});
