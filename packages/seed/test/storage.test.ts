import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryStorage, type ObjectWriter } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { temporaryFolders, unpack } from '../../tsm/test/fixtures/unpack';
import { type SeedOptions, seed } from '../src/index';

const folder = temporaryFolders();

async function options(storage: SeedOptions['storage']): Promise<SeedOptions> {
  const source = await unpack('backup-1.8.10-tsi1.tar', await folder());
  const clock = { now: () => Date.now(), sleep: async () => undefined };
  return { storage, instance: 'i', source, workDir: join(await folder(), 'work'), retentionPolicies: ['keep'], clock };
}

/** Returns the keys below a prefix. */
async function keysOf(storage: MemoryStorage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}

describe('a seed whose credential creates, and does nothing else', () => {
  it('is finished without a proof, and says so', async () => {
    const storage = new MemoryStorage();
    const createOnly: ObjectWriter = { put: (...given) => storage.put(...given) };
    const report = await seed(await options(createOnly));
    expect(report).toMatchObject({ isProven: false, wasSinkOpen: undefined, wasFinished: false });
    expect(await keysOf(storage, '~seed/')).toEqual([report.manifest]);
  });
});

describe('a seed whose storage returns something else', () => {
  it('is not finished, and names the file; run again, it reads that shard once more', async () => {
    const storage = new MemoryStorage();
    const putStored = storage.put.bind(storage);
    let altered = '';
    storage.put = async (key, body, more) => {
      const isFirst = altered === '' && key.startsWith('i/');
      if (!isFirst) return await putStored(key, body, more);
      altered = key;
      const open = async function* () {
        for await (const chunk of body.open())
          yield chunk.map((byte, i) => (i === chunk.length - 12 ? byte ^ 1 : byte));
      };
      return await putStored(key, { sizeBytes: body.sizeBytes, open }, more);
    };
    const given = await options(storage);
    await expect(seed(given)).rejects.toMatchObject({
      code: 'PROOF_FAILED',
      message: expect.stringContaining(altered),
    });
    expect(await keysOf(storage, '~seed/')).toEqual([]);
    const before = await keysOf(storage, 'i/');
    const report = await seed(given);
    expect(report.isProven).toBe(true);
    const after = await keysOf(storage, 'i/');
    expect([after.length, report.files]).toEqual([before.length + 1, before.length]);
    // A loop over the files replays both: the one that counts comes last.
    const [retried = ''] = after.filter((key) => !before.includes(key));
    expect(before.filter((key) => key >= retried)).toEqual([]);
    expect(await keysOf(storage, '~seed/')).toEqual([report.manifest]);
  });
});

describe('a seed whose work folder is on a full disk', () => {
  it('is refused before anything is stored, with what it needs', async () => {
    const storage = new MemoryStorage();
    const given = { ...(await options(storage)), segmentBytesMax: 2 ** 30, uploadConcurrency: 256 };
    // 256 files of a GiB on their way: no disk of a test machine holds them.
    await expect(seed(given)).rejects.toMatchObject({
      code: 'SCRATCH_FULL',
      message: expect.stringMatching(/needs up to \d{12} bytes, and its disk has \d+ free/),
    });
    expect(await keysOf(storage, '')).toEqual([]);
  });
});

describe('the work folder of a seed', () => {
  it('is gone if the seed could not begin, and keeps the journal alone of one that is finished', async () => {
    const storage = new MemoryStorage();
    const given = await options(storage);
    await expect(seed({ ...given, source: join(given.workDir, 'nothing') })).rejects.toThrow();
    expect(await readdir(join(given.workDir, '..'))).toEqual([]);
    await seed(given);
    expect(await readdir(given.workDir)).toEqual(['journal']);
    expect(await seed(given)).toMatchObject({ wasFinished: true });
  });
});
