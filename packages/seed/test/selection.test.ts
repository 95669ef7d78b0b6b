import { join } from 'node:path';
import { MemoryStorage } from '@ceres/storage';
import { expect, it } from 'vitest';
import { temporaryFolders, unpack } from '../../tsm/test/fixtures/unpack';
import { previewSeed, type SeedOptions, seed } from '../src/index';
import { contentOfFiles } from './support/line-content';

const folder = temporaryFolders();

/** Returns what a seed of a part of a backup holds, each value as policy, series, field, time, type and value. */
async function seeded(source: string, selection: Partial<SeedOptions>) {
  const storage = new MemoryStorage();
  const options = { storage, instance: 'i', source, workDir: join(await folder(), 'work'), ...selection };
  const preview = await previewSeed(options);
  const report = await seed(options);
  expect([preview.points, preview.shards]).toEqual([report.points, report.shards]);
  return { report, values: await contentOfFiles(storage, 'i/') };
}

/** A time of a value, and its measurement. */
const timeOf = (value: string) => BigInt(/ (-?\d+) (?:float|integer|boolean|string) /.exec(value)?.[1] ?? 'none');
const measurementOf = (value: string) => /^\w+ ((?:[^, \\]|\\.)+)/.exec(value)?.[1];

it('a seed holds exactly what is selected by policy, measurement and time', async () => {
  const source = await unpack('backup-1.8.10-tsi1.tar', await folder());
  const { values: all } = await seeded(source, {});
  const keep = all.filter((value) => value.startsWith('keep '));
  expect([keep.length > 100, keep.length < all.length]).toEqual([true, true]);
  expect((await seeded(source, { retentionPolicies: ['keep'] })).values).toEqual(keep);

  const some = keep.filter((value) => ['cpu', 'odd\\ name'].includes(measurementOf(value) ?? ''));
  const narrowed = { retentionPolicies: ['keep'], measurements: ['cpu', 'odd name'] };
  expect((await seeded(source, narrowed)).values).toEqual(some);

  const times = some.map(timeOf).sort((a, b) => (a < b ? -1 : 1));
  const [from = 0n, until = 0n] = [times[Math.floor(times.length / 3)], times[Math.floor((2 * times.length) / 3)]];
  const within = some.filter((value) => timeOf(value) >= from && timeOf(value) < until);
  expect([within.length > 10, within.length < some.length]).toEqual([true, true]);
  expect((await seeded(source, { ...narrowed, from, until })).values).toEqual(within);
});

it('a seed of a database or a policy that the source does not have is refused, beside those that it has', async () => {
  const source = await unpack('backup-1.8.10-tsi1.tar', await folder());
  for (const selection of [{ retentionPolicies: ['keep', 'kept'] }, { databases: ['kept'] }]) {
    await expect(seeded(source, selection)).rejects.toMatchObject({
      code: 'NOTHING_TO_SEED',
      message: expect.stringContaining('"kept"'),
    });
  }
});
