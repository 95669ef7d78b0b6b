import { MemoryStorage } from '@ceres/storage';
import type { SeedManifest } from '@ceres/storage/internal';
import { describe, expect, it } from 'vitest';
import { planRestore } from '../../src/plan/plan';
import type { Selection } from '../../src/plan/types';
import { verify } from '../../src/verify/verify';
import { type BackupFile, gzOf, keyOf, putFiles, uuidV7 } from '../support/backup';
import { putSeed, type TestSeed } from '../support/seed';

const day = 86_400_000;
const teedMs = Date.UTC(2026, 10, 20);
const takenMs = teedMs + day;
const place = { database: 'db', retentionPolicy: 'rp' };

/** The three files of a run of a sink; the second is opened before the seed is taken, and the third after it. */
const file = (n: number): BackupFile => ({
  ...place,
  openedMs: n < 3 ? teedMs + n * 3_600_000 : takenMs + 3_600_000,
  lines: `m v=${n} ${n}0\n`,
  header: { writer: uuidV7(teedMs), sequence: BigInt(n) },
});
const again: TestSeed = {
  takenMs,
  namesMs: takenMs - 60_000,
  files: [{ ...place, lines: 'm v=1 10\nm v=2 20\n' }],
};

/** A backup whose second file is damaged. */
async function damaged(gz: Uint8Array, seed: TestSeed | undefined = again): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await putFiles(storage, [file(1), { ...file(2), gz }, file(3)]);
  if (seed !== undefined) await putSeed(storage, seed);
  return storage;
}

const check = (storage: MemoryStorage, selection: Partial<Selection> = {}) =>
  verify({ storage, instance: 'src', level: 'files', ...selection });

const cut = async () => (await gzOf(file(2))).subarray(0, -9);

describe('a damaged file that a later seed covers', () => {
  it.each([
    ['cut', cut, 'cut-off'],
    ['without a header that can be read', async () => Buffer.from('nothing'), 'no-header'],
  ])('does not speak against the backup, and is named: %s', async (_, bytes, problem) => {
    const before = await damaged(await bytes(), { ...again, takenMs: teedMs, namesMs: teedMs });
    expect(await check(before)).toMatchObject({ outcome: 'DAMAGED' });
    const { outcome, findings } = await check(await damaged(await bytes()));
    expect({ outcome, findings }).toEqual({
      outcome: 'WHOLE',
      findings: [expect.objectContaining({ key: keyOf(file(2)), problem, closed: true })],
    });
  });

  it.each<[string, Partial<SeedManifest>]>([
    ['has some measurements', { selection: { measurements: ['m'] } }],
    ['has some times, since those in a damaged file may be wrong', { selection: { fromNs: 0n } }],
    ['could not read everything', { losses: ['a block'] }],
    ['is of another database', { partitions: [] }],
  ])('is damage as before if the seed %s', async (_, manifest) => {
    const verdict = await check(await damaged(await cut(), { ...again, manifest }));
    expect(verdict.outcome).toBe('DAMAGED');
    expect(verdict.findings[0]).not.toHaveProperty('closed');
  });

  it('is damage as before if a file of the seed is left out', async () => {
    const storage = await damaged(await cut());
    const [key = ''] = (await keysOf(storage)).filter((one) => one.includes('-8eed-'));
    expect((await check(storage, { exclude: [key] })).outcome).toBe('DAMAGED');
  });
});

async function keysOf(storage: MemoryStorage): Promise<string[]> {
  const keys: string[] = [];
  for await (const one of (await planRestore({ storage, instance: 'src' })).list()) keys.push(one.key);
  return keys;
}
