import { afterEach, expect, it, vi } from 'vitest';
import { Bucket, hour, minute, ScriptedSink, site6, startMs } from '../../../storage/test/ledger/bucket';
import { planRestore, verify } from '../../src/index';

afterEach(() => void vi.useRealTimers());

const sink = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';
const { instance } = site6;

/** A backup of four hours in two databases, from which the second file of `site_6` was lost. */
async function withLoss(): Promise<{ storage: Bucket; scripted: ScriptedSink }> {
  const storage = new Bucket();
  const scripted = new ScriptedSink(storage, sink);
  for (let n = 0; n < 4; n += 1) {
    const file = scripted.store(startMs + n * hour);
    scripted.store(startMs + n * hour, { ...site6, database: 'other' });
    await scripted.say(startMs + n * hour + minute);
    if (n === 1) storage.objects.delete(file.key);
  }
  vi.useFakeTimers({ now: startMs + 3 * hour + 2 * minute, toFake: ['Date'] });
  return { storage, scripted };
}

it('a plan names what the ledgers say is missing of what it selects, and nothing else', async () => {
  const { storage } = await withLoss();
  const { missing } = await planRestore({ storage, instance });
  expect(missing).toMatchObject([
    {
      problem: 'lost',
      reason: '1 file missing from site_6.rp, 2026-11-26 12:00 to 2026-11-26 13:00 UTC (100 lines)',
      lines: 100,
    },
  ]);
  const planned = async (selection: object) => (await planRestore({ storage, instance, ...selection })).missing;
  expect(await planned({ databases: ['other'] })).toEqual([]);
  expect(await planned({ openedFrom: startMs + 2 * hour })).toEqual([]);
  expect(await planned({ from: BigInt(startMs + 2 * hour) * 1_000_000n })).toEqual([]);
  expect(await planned({ until: BigInt(startMs + 2 * hour) * 1_000_000n })).toHaveLength(1);
  expect(await planned({ keepMs: 2 * 24 * hour })).toHaveLength(1);
});

it('a check of the files reports what is missing from them', async () => {
  const { storage } = await withLoss();
  const { equal, findings } = await verify({ storage, instance, databases: ['site_6'], level: 'files' });
  expect(equal).toBe(false);
  expect(findings.filter(({ problem }) => problem === 'lost')).toHaveLength(1);
});

it('a silent sink is named, but does not speak against the files', async () => {
  const { storage } = await withLoss();
  vi.setSystemTime(startMs + 10 * hour);
  const { missing } = await planRestore({ storage, instance, databases: ['other'] });
  expect(missing).toMatchObject([{ problem: 'silent', name: `silent/${sink}/${instance}` }]);
  expect((await planRestore({ storage, instance, databases: ['other'], retired: [sink] })).missing).toEqual([]);
});
