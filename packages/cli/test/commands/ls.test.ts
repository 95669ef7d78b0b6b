import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatKey, LocalStorage, StorageError } from '@ceres/storage';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { ceres } from '../support/in-process';

afterEach(() => vi.restoreAllMocks());

it('lists everything after a fault of the storage that passes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-ls-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const id = '018cf0e9-3400-7000-8000-000000000000';
  const key = formatKey({ instance: 'src', database: 'db', retentionPolicy: 'rp', day: '20240110', id });
  await new LocalStorage(folder).put(key, { sizeBytes: 0, open: async function* () {} });
  const list = vi.spyOn(LocalStorage.prototype, 'list').mockImplementationOnce(() => {
    throw new StorageError('UNAVAILABLE', 'The bucket is busy.');
  });

  const { exitCode, stdout, stderr } = await ceres(['ls', `file://${folder}`]);
  expect(list).toHaveBeenCalledTimes(4); // once more after the fault, and once each for the ledgers and the seeds
  expect(stdout).toMatch(/^db +rp +2024-01-10 /m);
  expect([stderr, exitCode]).toEqual(['', 0]);
});
