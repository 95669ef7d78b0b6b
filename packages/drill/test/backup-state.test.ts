import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackupSink } from '@ceres/backup-sink';
import type { MemoryStorage, ObjectReader } from '@ceres/storage';
import { expect, it, onTestFinished } from 'vitest';
import { readState } from '../src/backup-state';
import { resolveDrill } from '../src/options';
import { backupInMemory, dayMs, filesOf, instance, linesOf } from './support/backup';

/** A clock that counts how often it was asked to wait, and waits only if that is said. */
function countingClock(waits: boolean) {
  let [nowMs, sleeps] = [Date.now(), 0];
  const sleep = async (ms: number) => {
    nowMs += ms;
    sleeps += 1;
    if (waits) await pause(ms);
  };
  return { now: () => nowMs, sleep, sleeps: () => sleeps };
}

async function stateOf(storage: ObjectReader, { waits = false } = {}) {
  const clock = countingClock(waits);
  const { findings } = await readState(resolveDrill({ storage, instance }), clock);
  return { kinds: findings.map(({ kind }) => kind), sleeps: clock.sleeps() };
}

/** Returns a storage in which something happens each time that ledgers have been listed, and files have not. */
function between(storage: MemoryStorage, happens: () => Promise<void>): ObjectReader {
  return {
    list: async function* (prefix, options) {
      yield* storage.list(prefix, options);
      if (prefix.startsWith('~heartbeat/')) await happens();
    },
    get: (key, options) => storage.get(key, options),
  };
}

/** Copies a file to a name that no ledger has. */
async function copyOf(storage: MemoryStorage, n: number): Promise<void> {
  const [key = ''] = await filesOf(storage);
  const chunks: Uint8Array[] = [];
  for await (const chunk of storage.get(key)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const copy = key.replace(/[0-9a-f]{12}\.gz$/, `${n.toString(16).padStart(12, '0')}.gz`);
  await storage.put(copy, {
    sizeBytes: bytes.length,
    open: async function* () {
      yield bytes;
    },
  });
}

it('a sink that stores its first file while ledgers are read is no fault of the backup', async () => {
  const storage = await backupInMemory({ atMs: Date.now() - dayMs });
  const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-drill-test-'));
  let sink: BackupSink | undefined;
  onTestFinished(async () => {
    await sink?.close();
    await rm(spoolDir, { recursive: true });
  });
  const began = between(storage, async () => {
    if (sink !== undefined) return;
    sink = await BackupSink.open({ storage, spoolDir, precision: 's' });
    const partition = { instance, database: 'db_0', retentionPolicy: 'rp_5d' };
    await sink.write(partition, { lines: linesOf(5, Date.now()), precision: 's' });
    await sink.flush();
  });
  expect(await stateOf(began, { waits: true })).toEqual({ kinds: [], sleeps: 1 });
});

it('a file that no ledger names is found, and asked for twice', async () => {
  const storage = await backupInMemory();
  await copyOf(storage, 1);
  expect(await stateOf(storage)).toEqual({ kinds: ['unvouched'], sleeps: 1 });
});

it('files that no ledger names, and that become more and more, are not waited for without end', async () => {
  const storage = await backupInMemory();
  let copies = 0;
  const growing = between(storage, async () => {
    copies += 1;
    await copyOf(storage, copies);
  });
  const { kinds, sleeps } = await stateOf(growing);
  expect(kinds).toEqual(['unvouched']);
  expect(sleeps).toBe(30);
});

it('a whole backup, and one without ledgers, are asked for once', async () => {
  expect(await stateOf(await backupInMemory())).toEqual({ kinds: [], sleeps: 0 });
  const unnamed = await backupInMemory({ options: { heartbeatMs: Number.POSITIVE_INFINITY } });
  expect(await stateOf(unnamed)).toEqual({ kinds: ['unvouched'], sleeps: 0 });
});
