import type { MemoryStorage } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { FrozenBackup } from '../../src/sample/frozen-backup';
import { backupInMemory, dayMs, filesOf, instance, writeBackup } from '../support/backup';

const keysOf = async (backup: Pick<MemoryStorage, 'list'>, prefix: string) => {
  const keys: string[] = [];
  for await (const { key } of backup.list(prefix)) keys.push(key);
  return keys;
};

describe('a frozen backup', () => {
  it('shows the files that were there, and neither later ones nor heartbeats', async () => {
    const storage = await backupInMemory();
    const before = await filesOf(storage);
    const frozen = await FrozenBackup.take(storage, instance, undefined);
    await writeBackup(storage, { databases: ['db_0', 'db_2'] });
    expect(await keysOf(frozen, '')).toEqual(before);
    expect((await filesOf(storage)).length).toBe(before.length + 2);
  });

  it('counts files and bytes by database, policy and day, and knows the newest file of a selection', async () => {
    const now = Date.UTC(2026, 10, 20, 12);
    const storage = await backupInMemory({ atMs: now, databases: ['a', 'b'] }, { atMs: now + dayMs, databases: ['a'] });
    const frozen = await FrozenBackup.take(storage, instance, undefined);
    expect(frozen.partitions.map(({ database, files, days }) => [database, files, [...days.keys()]])).toEqual([
      ['a', 2, ['20261120', '20261121']],
      ['b', 1, ['20261120']],
    ]);
    expect(frozen.newest({})).toContain('/a/rp_5d/20261121/');
    expect(frozen.newest({ databases: new Set(['b']) })).toContain('/b/rp_5d/20261120/');
    expect(frozen.newest({ databases: new Set(['a']), lastDay: '20261120' })).toContain('/a/rp_5d/20261120/');
  });

  it('knows ten thousand names', async () => {
    const storage = { list: many, get: async function* () {} };
    const frozen = await FrozenBackup.take(storage, instance, undefined);
    let count = 0;
    for await (const _ of frozen.list('')) count += 1;
    expect(count).toBe(10_000);
  });
});

async function* many(prefix: string) {
  if (prefix.startsWith('~')) return;
  for (let n = 0; n < 10_000; n += 1) {
    const id = `01a22c8f-2cc0-7acb-8bde-${n.toString(16).padStart(12, '0')}`;
    yield { key: `${instance}/db_0/rp_5d/20261101/${id}.gz`, sizeBytes: 1, createdMs: 0 };
  }
}
