import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPortableFolder } from '@ceres/tsm';
import { expect, it, onTestFinished } from 'vitest';
import { compile } from '../../src/compile/folder/compile';
import { planRestore } from '../../src/plan/plan';
import { type BackupFile, backupOf } from '../support/backup';
import { startMs, startS } from '../support/ground';

const WEEK_S = 604_800;
const lineAt = (week: number, value: number) => `m v=${value}i ${startS + week * WEEK_S}\n`;
/** A file for each of three weeks, and a newer one with points of the last week and, late, of the first. */
const files: readonly BackupFile[] = [
  lineAt(0, 0),
  lineAt(1, 1),
  lineAt(2, 2),
  `${lineAt(2, 20)}m late=1i ${startS + 1}\n`,
].map((lines, i) => ({ database: 'db', openedMs: startMs + i, lines }));

/** Compiles one part of three; returns its report and the numbers of its shards. */
async function part(index: number) {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-parts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const plan = await planRestore({ storage: await backupOf(...files), instance: 'src' });
  const options = { out: join(folder, 'out'), rejectsDir: join(folder, 'rejects'), scratchDir: folder, threads: 1 };
  const report = await compile(plan, { ...options, shard: { index, of: 3 } });
  const { shards } = await openPortableFolder(options.out);
  return { report, ids: shards.map(({ id }) => id) };
}

it('a part reads every file that may touch its shards, late points in newer ones too, and is numbered as the whole plan is', async () => {
  const parts = [await part(0), await part(1), await part(2)];
  expect(parts.map(({ report: { files: some, values } }) => [some, values])).toEqual([
    [2, 2], // its own file, and the late point
    [2, 1], // the newest file may touch the week between
    [2, 1],
  ]);
  expect(parts.map(({ ids }) => ids)).toEqual([[1], [2], [3]]);
  expect(new Set(parts.map(({ report }) => report.metadata)).size).toBe(1);
});
