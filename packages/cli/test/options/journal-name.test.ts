import { planRestore } from '@ceres/restore';
import { MemoryStorage } from '@ceres/storage';
import { expect, it } from 'vitest';
import { journalName } from '../../src/options/journal-name';

const storage = new URL('gs://bucket/prefix');
const server = { to: new URL('http://h:8086') };
const plan = { id: 'a' } as Awaited<ReturnType<typeof planRestore>>;
const name = journalName(storage, plan, server);

it('names the journal of the same restore in the same way', async () => {
  expect(name).toMatch(/^restore-[0-9a-f]{12}\.journal$/);
  expect(journalName(new URL('gs://bucket/prefix/'), plan, { to: new URL('http://h:8086/') })).toBe(name);
  const mapped = (mapDb: Record<string, string>) => journalName(storage, plan, { ...server, mapDb });
  expect(mapped({ a: 'x', b: 'y' })).toBe(mapped({ b: 'y', a: 'x' }));
});

it.each([
  ['storage', journalName(new URL('gs://other'), plan, server)],
  ['plan', journalName(storage, { ...plan, id: 'b' }, server)],
  ['server', journalName(storage, plan, { to: new URL('http://h:8087') })],
  ['name of a database', journalName(storage, plan, { ...server, mapDb: { a: 'b' } })],
  ['name of a policy', journalName(storage, plan, { ...server, mapRp: { a: 'b' } })],
  ['precision', journalName(storage, plan, { ...server, precision: 'ms' })],
])('gives another %s another journal', (_, other) => {
  expect(other).not.toBe(name);
});

it('tells the instance and every part of the selection apart by the id of the plan', async () => {
  const files = new MemoryStorage();
  for (const instance of ['i', 'j']) {
    const key = `${instance}/a/b/20261123/019ab0d2-7c00-7000-8000-000000000000.gz`;
    await files.put(key, { sizeBytes: 0, open: async function* () {} });
  }
  const base = { storage: files, instance: 'i' };
  const selections = [
    {},
    { instance: 'j' },
    { databases: ['a'] },
    { retentionPolicies: ['b'] },
    { from: 1n },
    { until: 2n ** 62n },
    { openedFrom: 1 },
    { openedBefore: Date.UTC(2100, 0) },
    { shard: { index: 0, of: 1 } },
  ];
  const plans = await Promise.all(selections.map((selection) => planRestore({ ...base, ...selection })));
  // The only part of one is all of it.
  expect(new Set(plans.map((one) => journalName(storage, one, server))).size).toBe(selections.length - 1);
});
