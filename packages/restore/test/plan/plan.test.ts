import { MemoryStorage, StorageError } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { planRestore } from '../../src/plan/plan';
import type { RestorePlan } from '../../src/plan/types';
import { type BackupFile, backupOf, keyOf, putFiles } from '../support/backup';

const startMs = Date.UTC(2024, 0, 10);
const dayMs = 86_400_000;
const line = 'm v=1 1704844800\n';
const file = (openedMs: number, more: Partial<BackupFile> = {}): BackupFile => ({
  database: 'db',
  openedMs,
  lines: line,
  ...more,
});
const keysOf = async (plan: RestorePlan) => {
  const keys: string[] = [];
  for await (const { key } of plan.list()) keys.push(key);
  return keys;
};

describe('planRestore', () => {
  it('merges the policies and days of a database by when the files were opened', async () => {
    const files = [
      file(startMs, { retentionPolicy: 'z' }),
      file(startMs + 1, { retentionPolicy: 'a' }),
      file(startMs + 2),
      file(startMs + dayMs, { retentionPolicy: 'a' }),
    ];
    const plan = await planRestore({ storage: await backupOf(...files.toReversed()), instance: 'src' });
    expect(await keysOf(plan)).toEqual(files.map(keyOf));
    expect(plan).toMatchObject({ files: 4, skippedNames: 0, weaklyOrderedFiles: 0 });
    expect(plan.partitions.map(({ retentionPolicy, files }) => [retentionPolicy, files])).toEqual([
      ['', 1],
      ['a', 2],
      ['z', 1],
    ]);
  });

  it('takes the policies of mixed files from their headers, as far as they are selected, and their place from their names', async () => {
    const mixed = (...policies: string[]) => ({
      lines: `# CONTEXT-RETENTION-POLICY:\n${line}`,
      header: { mixed: policies },
    });
    const files = [file(startMs), file(startMs + 1, mixed('', 'a')), file(startMs + 2, mixed('', 'b'))];
    const later = file(startMs + 3, { retentionPolicy: 'a' });
    const storage = await backupOf(later, ...files.toReversed());
    const plan = await planRestore({ storage, instance: 'src' });
    expect(await keysOf(plan)).toEqual([...files, later].map(keyOf));
    const shown = ({ partitions }: RestorePlan) =>
      partitions.map(({ retentionPolicy, mixed: policies, files: count }) => [policies ?? retentionPolicy, count]);
    expect(shown(plan)).toEqual([
      ['', 1],
      [['', 'a', 'b'], 2],
      ['a', 1],
    ]);
    const narrowed = await planRestore({ storage, instance: 'src', retentionPolicies: ['a'] });
    expect(shown(narrowed)).toEqual([
      [['a'], 2],
      ['a', 1],
    ]);
    expect(await keysOf(narrowed)).toEqual([files[1], files[2], later].map((one) => keyOf(one as BackupFile)));
  });

  it('leaves the last of several default policies as the default', async () => {
    const policy = (name: string) => ({ policy: { name, duration: 'INF', isDefault: true } });
    const storage = await backupOf(
      file(startMs, { retentionPolicy: 'a', header: policy('a') }),
      file(startMs + 1, { retentionPolicy: 'b', header: policy('b') }),
      file(startMs + 2, { retentionPolicy: 'c', header: { policy: { duration: 'INF', isDefault: false } } }),
      file(startMs, { database: 'other', retentionPolicy: 'a', header: policy('a') }),
    );
    const { partitions } = await planRestore({ storage, instance: 'src' });
    const shown = partitions.map(({ database, retentionPolicy, policy: { name, isDefault } = { duration: '' } }) => [
      `${database}.${retentionPolicy}`,
      name,
      isDefault,
    ]);
    expect(shown).toEqual([
      ['db.a', undefined, false],
      ['db.b', 'b', true],
      ['db.c', undefined, false],
      ['other.a', 'a', true],
    ]);
  });

  it('orders names without a time by day, then by creation, and counts them', async () => {
    const storage = new MemoryStorage();
    const old = (day: number, id: string) =>
      file(startMs + day * dayMs, { id: `${id}0000000-0000-4000-8000-000000000000` });
    const files = [old(1, 'b'), old(0, 'c'), old(0, 'a')];
    await putFiles(storage, [files[1] as BackupFile]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await putFiles(storage, [files[2] as BackupFile, files[0] as BackupFile]);
    const plan = await planRestore({ storage, instance: 'src' });
    expect(await keysOf(plan)).toEqual([files[1], files[2], files[0]].map((f) => keyOf(f as BackupFile)));
    expect(plan.weaklyOrderedFiles).toBe(3);
  });

  it('lists no file newer than the plan, and keeps its id while the backup grows', async () => {
    const storage = await backupOf(file(startMs));
    const plan = await planRestore({ storage, instance: 'src' });
    await putFiles(storage, [file(startMs + 5)]);
    expect(await keysOf(plan)).toEqual([keyOf(file(startMs))]);
    const later = await planRestore({ storage, instance: 'src' });
    expect([later.id, later.files]).toEqual([plan.id, 2]);
    expect((await planRestore({ storage, instance: 'src', databases: ['db'] })).id).not.toBe(plan.id);
  });

  it('selects by times of files, database and policy, and leaves out unknown names', async () => {
    const storage = await backupOf(
      file(startMs),
      file(startMs + 10),
      file(startMs + 20, { retentionPolicy: 'rp' }),
      file(startMs + 30, { database: 'other' }),
    );
    await storage.put('src/db/readme.txt', { sizeBytes: 0, open: async function* () {} });
    const select = async (more: object) => (await planRestore({ storage, instance: 'src', ...more })).files;
    expect(await select({ openedFrom: startMs + 10, openedBefore: startMs + 20 })).toBe(1);
    expect(await select({ retentionPolicies: ['rp'] })).toBe(1);
    expect(await select({ retentionPolicies: [''] })).toBe(3);
    expect(await select({ databases: ['other'] })).toBe(1);
    expect((await planRestore({ storage, instance: 'src' })).skippedNames).toBe(1);
  });

  it('leaves out only files whose summary lies outside the selected times', async () => {
    const at = (seconds: number) => `m v=1 ${seconds}\n`;
    const storage = await backupOf(
      file(startMs, { lines: at(100) + at(200) }),
      file(startMs + 1, { lines: at(300) }),
      file(startMs + 2, { lines: at(300), header: { summary: undefined as never } }),
    );
    const plan = await planRestore({ storage, instance: 'src', from: 150_000_000_000n, until: 300_000_000_000n });
    expect(plan.files).toBe(2);
    expect(await keysOf(plan)).toHaveLength(2);
  });

  it('puts every database into exactly one shard', async () => {
    const databases = Array.from({ length: 20 }, (_, i) => `db_${i}`);
    const storage = await backupOf(...databases.map((database) => file(startMs, { database })));
    const shards = await Promise.all(
      [0, 1, 2].map((index) => planRestore({ storage, instance: 'src', shard: { index, of: 3 } })),
    );
    const found = shards.flatMap(({ partitions }) => partitions.map(({ database }) => database));
    expect(found.sort()).toEqual(databases.sort());
    expect(new Set(shards.map(({ id }) => id)).size).toBe(3);
  });

  it('takes the policy from the newest readable file that tells it', async () => {
    const policy = { duration: '120h' };
    const storage = await backupOf(
      file(startMs, { header: { policy: { duration: '1h' } } }),
      file(startMs + 1, { header: { policy } }),
      file(startMs + 2),
      file(startMs + 2, { gz: Buffer.from('garbage') }),
    );
    const { partitions } = await planRestore({ storage, instance: 'src' });
    expect(partitions).toMatchObject([{ policy }]);
  });

  it('retries after a passing fault of the storage, in a listing and at a header', async () => {
    const failed = new Set<string>();
    const storage = new MemoryStorage({
      fail: (call, key) => {
        if (call === 'put' || failed.has(call)) return undefined;
        failed.add(call);
        return new StorageError('UNAVAILABLE', 'busy', { key });
      },
    });
    await putFiles(storage, [file(startMs, { header: { policy: { duration: '48h' } } })]);
    const plan = await planRestore({ storage, instance: 'src', from: 0n });
    expect([...failed].sort()).toEqual(['get', 'list']);
    expect(plan.partitions).toMatchObject([{ files: 1, policy: { duration: '48h' } }]);
  });

  it('counts a file that is gone since it was listed, which the replay then reports', async () => {
    const gone = (call: string) => (call === 'get' ? new StorageError('NOT_FOUND', 'gone') : undefined);
    const storage = new MemoryStorage({ fail: gone });
    await putFiles(storage, [file(startMs)]);
    expect((await planRestore({ storage, instance: 'src', from: 0n })).files).toBe(1);
  });

  it.each([
    ['NOT_FOUND', 'Check the URL of the backup.'],
    ['DENIED', 'Allow the credential to list and get objects.'],
    ['INVALID_OPTIONS', 'the listing failed'],
  ] as const)('gives the advice that fits %s', async (code, advice) => {
    const storage = new MemoryStorage({ fail: () => new StorageError(code, 'the listing failed') });
    const planning = planRestore({ storage, instance: 'src' });
    await expect(planning).rejects.toMatchObject({ code: 'STORAGE', message: expect.stringMatching(`${advice}$`) });
  });

  it('refuses an unknown option, and suggests the right name', async () => {
    const selection = { storage: new MemoryStorage(), instance: 'src', database: ['db'] };
    await expect(planRestore(selection as never)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: 'planRestore() has no option `database`. Did you mean `databases`?',
    });
  });
});
