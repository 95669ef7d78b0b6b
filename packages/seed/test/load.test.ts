import { join } from 'node:path';
import { systemClock } from '@ceres/internal';
import { MemoryStorage } from '@ceres/storage';
import { expect, it } from 'vitest';
import { temporaryFolders, unpack } from '../../tsm/test/fixtures/unpack';
import { previewSeed, type SeedOptions, seed } from '../src/index';
import { contentOfFiles } from './support/line-content';

const folder = temporaryFolders();

/** Returns how often work on a backup folder pauses at some load; its first half second counts as beside other programs. */
async function pausesOf(
  load: number,
  work: (options: SeedOptions) => Promise<unknown>,
  part: Partial<SeedOptions> = {},
) {
  const storage = new MemoryStorage();
  let pauses = 0;
  const sleep = async () => {
    pauses += 1;
  };
  const source = await unpack('backup-1.8.10-tsi1.tar', await folder());
  const workDir = join(await folder(), 'work');
  // Without `get`, nothing is read back.
  const put: SeedOptions['storage']['put'] = (...given) => storage.put(...given);
  await work({ ...part, storage: { put }, instance: 'i', source, workDir, load, clock: { ...systemClock, sleep } });
  return { pauses, values: await contentOfFiles(storage, 'i/') };
}

it('a seed pauses beside other programs, and not with a load of 100', async () => {
  const [slow, fast] = [await pausesOf(1, seed), await pausesOf(100, seed)];
  expect(slow.pauses).toBeGreaterThan(0);
  expect(fast.pauses).toBe(0);
  expect(slow.values).toEqual(fast.values);
});

it('a seed pauses also where there is less than a piece to compress', async () => {
  expect((await pausesOf(1, seed, { measurements: ['odd name'] })).pauses).toBeGreaterThan(0);
});

it('a preview pauses likewise', async () => {
  expect((await pausesOf(1, previewSeed)).pauses).toBeGreaterThan(0);
  expect((await pausesOf(100, previewSeed)).pauses).toBe(0);
});

it.each([0, -1, 101, Number.NaN, '50'])('a load of %s is refused', async (load) => {
  await expect(pausesOf(load as number, seed)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
});
