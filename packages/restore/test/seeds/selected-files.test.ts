import type { MemoryStorage } from '@ceres/storage';
import { seedManifestKey } from '@ceres/storage/internal';
import { describe, expect, it } from 'vitest';
import { backupStatus } from '../../src/index';
import { planRestore } from '../../src/plan/plan';
import type { RestorePlan, Selection } from '../../src/plan/types';
import { verify } from '../../src/verify/verify';
import { backupOf, keyOf } from '../support/backup';
import { put, putSeed, putSeedFiles, type TestSeed } from '../support/seed';

const day = 86_400_000;
const teedMs = Date.UTC(2026, 10, 20);
const takenMs = teedMs + day;
const teed = { database: 'db', retentionPolicy: 'rp', openedMs: takenMs - 3_600_000, lines: 'm v=2 20\n' };
const later = { ...teed, openedMs: takenMs + day, lines: 'm v=3 30\n' };
const seed: TestSeed = {
  takenMs,
  files: [
    { database: 'db', retentionPolicy: 'rp', lines: 'm v=1 10\nm v=1 20\n' },
    { database: 'db', retentionPolicy: 'rp', lines: 'm v=1 30\n' },
    { database: 'db', retentionPolicy: 'cq', lines: 'n v=1 30\n' },
  ],
};

async function listed(storage: MemoryStorage, selection: Partial<Selection> = {}): Promise<string[]> {
  return await keysOf(await planRestore({ storage, instance: 'src', ...selection }));
}

async function keysOf(plan: RestorePlan): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of plan.list()) keys.push(key);
  return keys;
}

const unfinished = {
  problem: 'unfinished-seed',
  reason: expect.stringMatching(/^seed unfinished: db\.rp of src; 2 files/),
};

describe('a first seed', () => {
  it('comes before every teed file, and its day is the one when it was taken', async () => {
    const storage = await backupOf(later, teed);
    const keys = await putSeed(storage, seed);
    expect(await listed(storage, { retentionPolicies: ['rp'] })).toEqual([keys[0], keys[1], keyOf(teed), keyOf(later)]);
    const plan = await planRestore({ storage, instance: 'src' });
    expect(plan.partitions).toMatchObject([
      { retentionPolicy: 'cq', firstDay: '20261121', seedTakenMs: takenMs },
      { retentionPolicy: 'rp', firstDay: '20261120', lastDay: '20261122' },
    ]);
    expect(plan.partitions[1]).not.toHaveProperty('seedTakenMs');
    expect(plan.missing).toEqual([]);
  });

  it('is left out while it has no manifest, and is said to be unfinished', async () => {
    const storage = await backupOf(teed);
    await putSeedFiles(storage, seed);
    const plan = await planRestore({ storage, instance: 'src' });
    expect(await keysOf(plan)).toEqual([keyOf(teed)]);
    expect(plan.files).toBe(1);
    expect(plan.missing).toMatchObject([
      { problem: 'unfinished-seed', name: 'unfinished-seed/src/db/cq' },
      { ...unfinished, name: 'unfinished-seed/src/db/rp' },
    ]);
    // Only what is selected concerns a restore.
    const other = await planRestore({ storage, instance: 'src', retentionPolicies: ['rp'] });
    expect(other.missing).toMatchObject([unfinished]);
  });

  it('is recognized by the year 2000 in a name alone', async () => {
    const old = { ...teed, openedMs: Date.UTC(2000, 0, 1) + 5 };
    const storage = await backupOf(teed, old);
    const plan = await planRestore({ storage, instance: 'src' });
    expect(await keysOf(plan)).toEqual([keyOf(teed)]);
    expect(plan.missing).toMatchObject([{ problem: 'unfinished-seed' }]);
  });

  it('that is all there is of a backup makes a plan of nothing, and not a wrong name', async () => {
    const storage = await backupOf();
    await putSeedFiles(storage, seed);
    const plan = await planRestore({ storage, instance: 'src' });
    expect(plan).toMatchObject({ files: 0, partitions: [], missing: [{ problem: 'unfinished-seed' }, unfinished] });
    expect(await verify({ storage, instance: 'src', level: 'files' })).toMatchObject({
      outcome: 'DAMAGED',
      findings: [{ problem: 'unfinished-seed' }, unfinished],
    });
    await expect(planRestore({ storage, instance: 'src', databases: ['dbb'] })).rejects.toThrow(/no database 'dbb'/);
  });

  it('whose manifest cannot be believed is unfinished, and the reason is given', async () => {
    const storage = await backupOf(teed);
    await putSeedFiles(storage, seed);
    const key = seedManifestKey('src', '01a22c53-8200-7def-8123-456789abcdef');
    await put(storage, key, Buffer.from('no gzip'));
    const plan = await planRestore({ storage, instance: 'src' });
    expect(plan.files).toBe(1);
    const untrusted = { name: `unfinished-seed/${key}`, reason: expect.stringContaining('is not to be trusted') };
    expect(plan.missing).toMatchObject([untrusted, { problem: 'unfinished-seed' }, unfinished]);
  });

  it('may have left files behind from an attempt that it has made up for', async () => {
    const storage = await backupOf(teed);
    const before = { ...seed, files: seed.files.map((file) => ({ ...file, lines: 'm v=9 9\n' })) };
    await putSeedFiles(storage, before);
    const keys = await putSeed(storage, { ...seed, firstNumber: 10 });
    const plan = await planRestore({ storage, instance: 'src' });
    expect(await keysOf(plan)).toEqual([...keys, keyOf(teed)]);
    expect(plan.missing).toEqual([]);
    // One that began after it is another matter, and so is one of another policy.
    await putSeedFiles(storage, {
      takenMs,
      firstNumber: 90,
      files: [{ database: 'db', retentionPolicy: 'new', lines: 'm v=9 9\n' }],
    });
    const next = await planRestore({ storage, instance: 'src' });
    expect(next.missing).toMatchObject([{ name: 'unfinished-seed/src/db/new' }]);
    expect(await keysOf(next)).toEqual([...keys, keyOf(teed)]);
  });
});

describe('a later seed', () => {
  const again = { ...seed, namesMs: takenMs - 1000 };

  it('stands where its names say', async () => {
    const storage = await backupOf(teed, later);
    const keys = await putSeed(storage, again);
    expect(await listed(storage)).toEqual([keyOf(teed), ...keys, keyOf(later)]);
  });

  it('is left out while it has no manifest: its headers tell it from files with such a name by chance', async () => {
    const id = '01a22c53-8200-7def-8eed-456789abcdef';
    const chance = { ...later, id, openedMs: 0x01a22c538200 };
    const storage = await backupOf(teed, chance);
    await putSeedFiles(storage, again);
    const plan = await planRestore({ storage, instance: 'src' });
    expect(await keysOf(plan)).toEqual([keyOf(teed), keyOf(chance)]);
    expect(plan.missing).toMatchObject([{ problem: 'unfinished-seed' }, unfinished]);
    const { instances } = await backupStatus({ storage });
    expect(instances[0]?.findings.filter(({ kind }) => kind === 'unfinished-seed')).toHaveLength(2);
  });
});

describe('selecting by when files were opened', () => {
  it('takes a seed whole or not at all, and counts it as opened when it was taken', async () => {
    const storage = await backupOf(teed, later);
    const keys = await putSeed(storage, seed);
    expect(await listed(storage, { openedBefore: takenMs })).toEqual([...keys, keyOf(teed)]);
    expect(await listed(storage, { openedFrom: takenMs })).toEqual([keyOf(later)]);
  });

  it.each(['openedFrom', 'openedBefore'] as const)(
    'refuses `%s` at a moment before a seed was taken',
    async (option) => {
      const storage = await backupOf(teed, later);
      await putSeed(storage, seed);
      const selection = { storage, instance: 'src', [option]: takenMs - 1 };
      const refused = { code: 'INVALID_OPTIONS', message: expect.stringContaining('2026-11-21T00:00:00.000Z') };
      await expect(planRestore(selection)).rejects.toMatchObject(refused);
      await expect(verify({ ...selection, level: 'files' })).rejects.toMatchObject(refused);
    },
  );

  it('does not mind a seed of another database', async () => {
    const other = { ...teed, database: 'other' };
    const storage = await backupOf(teed, other);
    await putSeed(storage, seed);
    expect(await listed(storage, { databases: ['other'], openedBefore: takenMs - 1 })).toEqual([keyOf(other)]);
  });
});

describe('what a manifest names', () => {
  it('is missed with its times, and not vouched for by anything else', async () => {
    const storage = await backupOf();
    const keys = await putSeed(storage, seed);
    expect(await backupStatus({ storage })).toMatchObject({
      isGood: true,
      instances: [
        {
          findings: [],
          partitions: [
            { lines: 1, unvouchedFiles: 0 },
            { lines: 3, unvouchedFiles: 0 },
          ],
        },
      ],
    });
    const lost = await without(storage, keys[1] ?? '');
    const missing = { problem: 'lost', lines: 1, first: 30_000_000_000n, last: 30_000_000_000n };
    expect((await planRestore({ storage: lost, instance: 'src' })).missing).toMatchObject([missing]);
    expect(await verify({ storage: lost, instance: 'src', level: 'files' })).toMatchObject({
      outcome: 'DAMAGED',
      findings: [missing],
    });
    expect(await backupStatus({ storage: lost })).toMatchObject({
      isGood: false,
      instances: [{ findings: [{ kind: 'lost', files: 1 }] }],
    });
  });

  it('is damaged if it is whole, and another file', async () => {
    const storage = await backupOf();
    const keys = await putSeedFiles(storage, {
      ...seed,
      files: [{ ...seed.files[0], database: 'db', retentionPolicy: 'rp', lines: 'm v=7 10\nm v=1 20\n' }],
    });
    const whole = await backupOf();
    await putSeed(whole, { ...seed, files: seed.files.slice(0, 1) });
    await copy(whole, storage);
    expect(await verify({ storage, instance: 'src', level: 'files' })).toMatchObject({
      outcome: 'DAMAGED',
      findings: [{ key: keys[0], problem: 'other-file', lines: 2 }, { problem: 'resized' }],
    });
  });

  it('is shown by the status, with what it covers', async () => {
    const storage = await backupOf();
    await putSeed(storage, { ...seed, manifest: { selection: { fromNs: 5n }, losses: ['a block'] } });
    const { instances } = await backupStatus({ storage });
    expect(instances[0]?.seeds).toMatchObject([
      { takenMs, again: false, files: 3, lines: 4, fromNs: 5n, losses: ['a block'], source: 'snapshot' },
    ]);
  });
});

/** Copies what another storage has, and this one has not. */
async function copy(from: MemoryStorage, to: MemoryStorage, leaveOut = ''): Promise<void> {
  for await (const { key } of from.list('')) {
    if (key === leaveOut) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of from.get(key)) chunks.push(chunk);
    await put(to, key, Buffer.concat(chunks));
  }
}

async function without(storage: MemoryStorage, key: string): Promise<MemoryStorage> {
  const other = await backupOf();
  await copy(storage, other, key);
  return other;
}
