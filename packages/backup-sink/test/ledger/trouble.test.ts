import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryStorage, StorageError } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { auditLedger, readLedger } from '../../campaign/model/read-ledger';
import { BackupSink } from '../../src/index';
import { impatientClock, openSink, raw, temporaryDirectory, to, until } from '../sink-harness';

const refusals = [
  ['forbidden', () => new StorageError('DENIED', 'no permission')],
  ['answered with 503', () => new StorageError('UNAVAILABLE', 'try again later')],
] as const;

const spoolDir = '/var/spool';
const options = { spoolDir, precision: 's', gzipLevel: 1, clock: impatientClock, heartbeatMs: 1 } as const;

/** Files of the model's disk that are not the sink's own. */
const unstored = (disk: FaultyDisk) => disk.files().filter((path) => !path.includes('~spool'));

describe.each(refusals)('a heartbeat that is %s', (_, errorOf) => {
  it('parks no file and stops no write, is reported once, and is made up for by the next', async () => {
    let isRefused = true;
    const fail = (_call: string, key: string) => (isRefused && key.startsWith('~heartbeat/') ? errorOf() : undefined);
    const { sink, storage } = await openSink({ heartbeatMs: 1, storage: new MemoryStorage({ fail }) });
    const reported: string[] = [];
    for (const name of ['heartbeatFailed', 'parked', 'retry', 'failed'] as const)
      sink.on(name, () => reported.push(name));
    for (const n of [1, 2, 3]) {
      await sink.write(to, raw(n), { ack: 'stored' });
      await sink.flush();
    }
    await until(() => reported.length > 0);
    expect(sink.stats()).toMatchObject({ storedFiles: 3, unstoredFiles: 0, parkedFiles: 0 });
    expect((await readLedger(storage)).heartbeats).toStrictEqual([]);
    expect(reported).toStrictEqual(['heartbeatFailed']);
    isRefused = false;
    await sink.close();
    expect(auditLedger(await readLedger(storage), false)).toStrictEqual([]);
  });
});

it('a heartbeat whose put never ends does not keep the sink from closing', async () => {
  const memory = new MemoryStorage();
  const put: MemoryStorage['put'] = (key, body, given) =>
    key.startsWith('~heartbeat/') ? new Promise(() => undefined) : memory.put(key, body, given);
  const { sink } = await openSink({ heartbeatMs: 1, storage: { put } as MemoryStorage });
  await sink.write(to, raw(1));
  const startMs = performance.now();
  expect(await sink.close({ timeoutMs: 100 })).toEqual({ unstoredFiles: 0 });
  expect(performance.now() - startMs).toBeLessThan(30_000); // it takes a second; by itself, the put would end after a minute
});

it('a spool of an older version, or whose ledger was removed, gets another and names what it stores from then on', async () => {
  const spool = await temporaryDirectory();
  const storage = new MemoryStorage();
  const old = await openSink({ spoolDir: spool, storage, heartbeatMs: Infinity });
  await old.sink.write(to, raw(1));
  await old.sink.close();
  for (const n of [2, 3]) {
    const { sink } = await openSink({ spoolDir: spool, storage, heartbeatMs: 1 });
    await sink.write(to, raw(n));
    await sink.close();
    await rm(join(spool, '~spool', 'ledger'), { recursive: true });
  }
  const { named, files } = await readLedger(storage);
  expect([...files.keys()].filter((key) => !named.has(key))).toHaveLength(1);
  expect((await readdir(join(spool, '~spool'))).filter((name) => name.startsWith('sink-'))).toHaveLength(1);
});

/** The calls to the disk from the moment a file is in the storage until the spool has forgotten it. */
const betweenStoringAndForgetting = /ledger|sink-|last-name|\.tried/;

it.each([false, true])(
  'a sink killed at any step between storing and forgetting a file names what it stored, and nothing else (power cut: %s)',
  async (power) => {
    for (let k = 1; ; k += 1) {
      const disk = new FaultyDisk(randomFrom(k));
      const storage = new MemoryStorage();
      const wasKilled = await liveUntilKilled(disk, storage, k, power);
      disk.fault = undefined;
      const next = await BackupSink.open({ ...options, storage, fs: new FaultyFs(disk) });
      await next.write(to, raw(3));
      await next.close();
      expect(auditLedger(await readLedger(storage), false), `k=${k}`).toStrictEqual([]);
      expect(unstored(disk), `k=${k}`).toStrictEqual([]);
      if (!wasKilled) return expect(k).toBeGreaterThan(15);
    }
  },
  60_000,
);

/** Runs a sink, which is killed at the k-th of these calls. Resolves with false if there are fewer. */
async function liveUntilKilled(disk: FaultyDisk, bucket: MemoryStorage, k: number, power: boolean): Promise<boolean> {
  const { generation } = disk;
  const put: MemoryStorage['put'] = async (...args) => {
    if (disk.generation !== generation) await new Promise(() => undefined);
    return await bucket.put(...args);
  };
  let calls = 0;
  const killed = new Promise<boolean>((resolve) => {
    disk.fault = ({ path }) => {
      if (betweenStoringAndForgetting.test(path)) calls += 1;
      if (calls !== k) return undefined;
      calls += 1;
      if (power) disk.crash();
      else disk.kill();
      resolve(true);
      return undefined;
    };
  });
  const life = async () => {
    const sink = await BackupSink.open({ ...options, storage: { put }, fs: new FaultyFs(disk) });
    await sink.write(to, raw(1));
    await sink.close();
    return false;
  };
  return await Promise.race([killed, life()]);
}

describe.each(['ENOSPC', 'EIO', 'EROFS'] as const)('a disk that refuses the ledger with %s', (kind) => {
  it('keeps no file in the spool: a heartbeat names it at once, and the disk has it once it works again', async () => {
    const disk = new FaultyDisk(randomFrom(1));
    const storage = new MemoryStorage();
    disk.fault = ({ path, operation }) =>
      path.includes('/ledger') && (operation === 'write' || operation === 'open') ? { kind } : undefined;
    const sink = await BackupSink.open({ ...options, heartbeatMs: 300_000, storage, fs: new FaultyFs(disk) });
    const failures: string[] = [];
    sink.on('failed', ({ path }) => failures.push(path));
    for (const n of [1, 2]) {
      await sink.write(to, raw(n));
      await sink.flush();
      await until(() => unstored(disk).length === 0);
      expect(auditLedger(await readLedger(storage), false)).toStrictEqual([]);
    }
    expect(failures.length).toBeGreaterThan(0);
    disk.fault = undefined;
    await sink.write(to, raw(3));
    await sink.flush();
    await until(() => unstored(disk).length === 0);
    disk.crash();
    const next = await BackupSink.open({ ...options, storage, fs: new FaultyFs(disk) });
    await next.close();
    const { heartbeats, files } = await readLedger(storage);
    expect(
      auditLedger(
        {
          heartbeats,
          files,
          named: new Map(heartbeats.flatMap(({ stored }) => stored.map((file) => [file.key, file]))),
        },
        false,
      ),
    ).toStrictEqual([]);
  });
});
