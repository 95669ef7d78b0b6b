import { formatKey, StorageError } from '@ceres/storage';
import { afterEach, expect, it, vi } from 'vitest';
import { Bucket, hour, minute, ScriptedSink, site6, startMs, uuid } from '../../../storage/test/ledger/bucket';
import { backupStatus } from '../../src/index';

afterEach(() => void vi.useRealTimers());

const sink = '5d0c7b5e-9f1e-4c7a-8a4e-1f6f5a0b7c11';

/** A backup of ten hours, one file each, and the time just after its newest heartbeat. */
async function tenHours(): Promise<{ storage: Bucket; scripted: ScriptedSink; endMs: number }> {
  const storage = new Bucket();
  const scripted = new ScriptedSink(storage, sink);
  const endMs = startMs + 10 * hour;
  for (let ms = startMs; ms <= endMs; ms += hour) {
    scripted.store(ms - minute);
    await scripted.say(ms);
  }
  vi.useFakeTimers({ now: endMs + minute, toFake: ['Date'] });
  return { storage, scripted, endMs };
}

it('a backup is good if its ledgers vouch for all of it, and says up to when', async () => {
  const { storage, endMs } = await tenHours();
  const status = await backupStatus({ storage });
  expect(status.isGood).toBe(true);
  expect(status.instances).toMatchObject([
    {
      instance: 'influxdb-0',
      storedUpToMs: endMs - minute,
      findings: [],
      partitions: [
        {
          database: 'site_6',
          retentionPolicy: 'rp',
          files: 11,
          lines: 1_100,
          firstDay: '20261126',
          newestPointNs: BigInt(endMs - minute) * 1_000_000n,
          newestFileMs: endMs - minute,
        },
      ],
    },
  ]);
  expect(storage.read.filter((key) => !key.startsWith('~heartbeat/'))).toEqual([]); // no file was opened
});

it('a lost newest file is missing, and its lines and its newest point are not counted', async () => {
  const { storage, scripted, endMs } = await tenHours();
  const newest = [...scripted.byDay.values()].flat().at(-1);
  storage.objects.delete(newest?.key ?? '');
  const { isGood, instances } = await backupStatus({ storage });
  expect(isGood).toBe(false);
  expect(instances[0]).toMatchObject({
    findings: [{ kind: 'lost', files: 1, lines: 100 }],
    partitions: [{ lines: 1_000, newestPointNs: BigInt(endMs - hour - minute) * 1_000_000n }],
  });
  const accept = [instances[0]?.findings[0]?.name ?? ''];
  expect(await backupStatus({ storage, accept })).toMatchObject({ isGood: true, unused: [] });
});

it('a backup without a ledger is never good, and neither is an empty bucket', async () => {
  const storage = new Bucket();
  expect(await backupStatus({ storage })).toMatchObject({ isGood: false, instances: [] });
  const key = formatKey({ ...site6, day: '20261126', id: uuid(startMs) });
  storage.put(key, Buffer.from('not gzip'), startMs);
  const accept = ['unvouched/influxdb-0/site_6/rp/20261126'];
  const { isGood, instances } = await backupStatus({ storage, accept });
  expect(isGood).toBe(false);
  expect(instances).toMatchObject([{ hasLedger: false, findings: [], accepted: [{ kind: 'unvouched', files: 1 }] }]);
});

it('a name that nothing has is returned, since it may be a typing error', async () => {
  const { storage } = await tenHours();
  const { unused } = await backupStatus({ storage, accept: ['lost/nothing'], retired: ['nobody'] });
  expect(unused).toEqual(['lost/nothing', 'nobody']);
});

it('an unknown option is refused', async () => {
  await expect(backupStatus({ storage: new Bucket(), keep: 1 } as never)).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
  });
});

it('a header that the storage cannot give ends the status with its error, and nothing else', async () => {
  const { storage } = await tenHours();
  for (let n = 0; n < 3; n += 1) {
    const key = formatKey({ ...site6, database: 'other', day: '20261126', id: uuid(startMs + n) });
    storage.put(key, Buffer.from('of no ledger'), startMs);
  }
  const get = storage.get.bind(storage);
  storage.get = async function* (key) {
    if (key.includes('/other/')) throw new StorageError('INVALID_KEY', `${key} is no name of this storage.`, { key });
    yield* get(key);
  };
  await expect(backupStatus({ storage })).rejects.toMatchObject({ code: 'STORAGE', cause: { code: 'INVALID_KEY' } });
});
