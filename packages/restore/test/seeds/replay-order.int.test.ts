import { join } from 'node:path';
import { LocalStorage } from '@ceres/storage';
import { encodeSeedManifest, seedManifestKey } from '@ceres/storage/internal';
import { influxTool, query } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { planRestore } from '../../src/plan/plan';
import { restore } from '../../src/restore';
import { verify } from '../../src/verify/verify';
import { putFiles } from '../support/backup';
import { describeOnInfluxd, type Ground } from '../support/ground';
import { manifestOf, put, putSeed, putSeedFiles, type TestSeed } from '../support/seed';

const hour = 3_600_000;
const takenMs = Date.UTC(2026, 10, 20, 12);
const ns = { precision: 'ns' } as const;

/** A first seed of 40 points, of which the tee overwrote some while the seed was taken and others after it; some points lie before 1970. */
function overwritten(database: string) {
  const place = { database, retentionPolicy: 'autogen', header: ns };
  const points = (value: number, from: number, until: number) =>
    Array.from({ length: until - from }, (_, i) => `m,t=a v=${value},s=${from + i}i ${from + i - 5}\n`).join('');
  const seed: TestSeed = {
    takenMs,
    files: [
      { ...place, lines: points(1, 0, 20) },
      { ...place, lines: points(1, 20, 40) },
    ],
  };
  const teed = [
    { ...place, openedMs: takenMs - hour, lines: points(2, 10, 30) },
    { ...place, openedMs: takenMs + hour, lines: points(3, 25, 50) },
  ];
  const expected = (i: number) => (i >= 25 ? 3 : i >= 10 ? 2 : 1);
  return { place, points, seed, teed, expected: Array.from({ length: 50 }, (_, i) => [i, expected(i)]) };
}

const select = 'SELECT s, v FROM m';

/** Imports every file of a folder as an operator does without Ceres: in the order of the names, wherever the files lie. */
async function importInNameOrder(folder: string, storage: LocalStorage, { influxd }: Ground): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of storage.list('src/')) keys.push(key);
  for (const key of keys.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))) {
    const { code } = await influxTool(['-import', `-path=${join(folder, key)}`, '-compressed'], influxd);
    expect(code).toBe(0);
  }
}

const nameOf = (key: string) => key.slice(key.lastIndexOf('/') + 1);

describeOnInfluxd('a seed', (ground) => {
  const rows = async () => (await ground.rows(select)).map(([, s, v]) => [s, v]);

  /** Restores a folder by Ceres, and then by InfluxDB's own tool into an empty database; returns what both left. */
  async function bothWays(folder: string): Promise<{ ours: unknown; theirs: unknown }> {
    const storage = new LocalStorage(folder);
    await restore(await planRestore({ storage, instance: 'src' }), ground.options());
    const ours = await rows();
    await query(ground.influxd.url, '', `DROP DATABASE "${ground.database}"`);
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    await importInNameOrder(folder, storage, ground);
    return { ours, theirs: await rows() };
  }

  it('loses against everything that was teed, also while it was taken, by both ways of restoring', async () => {
    const { seed, teed, expected } = overwritten(ground.database);
    const folder = join(ground.workspace.folder, 'backup');
    const storage = new LocalStorage(folder);
    await putFiles(storage, teed);
    await putSeed(storage, seed);
    expect(await bothWays(folder)).toEqual({ ours: expected, theirs: expected });
  });

  it('taken again wins over what was teed before it, and loses against what came later, by both ways', async () => {
    const { place, points, seed, teed } = overwritten(ground.database);
    const folder = join(ground.workspace.folder, 'backup');
    const storage = new LocalStorage(folder);
    await putFiles(storage, teed);
    await putSeed(storage, seed);
    // A file with the values 4 was lost after that; the database still had them when it was seeded again.
    const again: TestSeed = {
      takenMs: takenMs + 5 * hour,
      namesMs: takenMs + 4 * hour,
      files: [{ ...place, lines: points(1, 0, 10) + points(2, 10, 25) + points(4, 25, 50) }],
    };
    await putSeed(storage, again);
    await putFiles(storage, [{ ...place, openedMs: takenMs + 6 * hour, lines: points(5, 45, 50) }]);
    const expected = Array.from({ length: 50 }, (_, i) => [i, i >= 45 ? 5 : i >= 25 ? 4 : i >= 10 ? 2 : 1]);
    expect(await bothWays(folder)).toEqual({ ours: expected, theirs: expected });
  });

  it('that is finished after a restore is restored by the same journal, and loses against what was teed', async () => {
    const { seed, teed, expected } = overwritten(ground.database);
    const storage = new LocalStorage(join(ground.workspace.folder, 'backup'));
    await putFiles(storage, teed);
    await putSeedFiles(storage, seed);
    const selection = { storage, instance: 'src' };
    const plan = await planRestore(selection);
    expect(plan.missing).toMatchObject([{ problem: 'unfinished-seed' }]);
    const policies = { autogen: { duration: 'INF' } };
    expect(await restore(plan, { ...ground.options(), policies })).toMatchObject({ files: 2, lines: 45 });
    expect(await rows()).toEqual(expected.slice(10));
    const comparison = { ...selection, level: 'content', to: { url: ground.influxd.url } } as const;
    expect(await verify(comparison)).toMatchObject({
      outcome: 'INCOMPLETE',
      mismatches: [],
      notCompared: [{ database: ground.database, side: 'backup', reason: expect.stringMatching(/^seed unfinished/) }],
    });

    const manifest = await manifestOf(seed);
    await put(storage, seedManifestKey('src', manifest.id), await encodeSeedManifest(manifest));
    expect(await restore(await planRestore(selection), { ...ground.options(), policies })).toMatchObject({ files: 4 });
    expect(await rows()).toEqual(expected);
    expect(await verify(comparison)).toMatchObject({ outcome: 'EQUAL', findings: [], seedOnly: [] });
  });

  it('is all that the backup has of a policy: what came since is no difference, and what is gone is one', async () => {
    const { seed, teed } = overwritten(ground.database);
    const storage = new LocalStorage(join(ground.workspace.folder, 'backup'));
    const downsampled = {
      database: ground.database,
      retentionPolicy: 'rp_1y',
      lines: 'n v=1 1\nn v=2 7200000000000\n',
    };
    const policy = { duration: 'INF' };
    const files = [...seed.files, { ...downsampled, header: { ...ns, policy } }];
    await putFiles(storage, teed);
    await putSeed(storage, { ...seed, files });
    await restore(await planRestore({ storage, instance: 'src' }), ground.options());
    const comparison = { storage, instance: 'src', level: 'content', to: { url: ground.influxd.url } } as const;
    const seedOnly = [{ instance: 'src', database: ground.database, retentionPolicy: 'rp_1y', takenMs }];
    expect(await verify(comparison)).toMatchObject({ outcome: 'EQUAL', seedOnly });
    await query(ground.influxd.url, ground.database, 'SELECT v INTO rp_1y.n2 FROM rp_1y.n');
    expect(await verify(comparison)).toMatchObject({ outcome: 'EQUAL', mismatches: [], seedOnly });
    await query(ground.influxd.url, ground.database, 'DELETE FROM n WHERE time < 1s');
    expect(await verify(comparison)).toMatchObject({
      outcome: 'NOT EQUAL',
      mismatches: [{ retentionPolicy: 'rp_1y', measurement: 'n', missing: 1 }],
    });
  });

  it('of which a file is another one than its manifest names is set aside as a whole file', async () => {
    const { seed, teed, points, place } = overwritten(ground.database);
    const storage = new LocalStorage(join(ground.workspace.folder, 'backup'));
    await putFiles(storage, teed);
    const changed = { ...seed, files: [{ ...place, lines: points(9, 0, 20) }, ...seed.files.slice(1)] };
    const [key] = await putSeedFiles(storage, changed);
    await putSeed(storage, seed);
    const report = await restore(await planRestore({ storage, instance: 'src' }), ground.options());
    expect(report.damagedFiles).toMatchObject([{ key, problem: 'other-file' }]);
    expect((await rows()).flat()).not.toContain(9);
  });
});
