import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '@ceres/internal';
import { MemoryStorage, StorageError } from '@ceres/storage';
import { expect, it } from 'vitest';
import { errorOf, impatientClock, openSink, raw, storedNumbers, temporaryDirectory, to, until } from '../sink-harness';

async function waitingFiles(spoolDir: string): Promise<string[]> {
  const names = await readdir(spoolDir, { recursive: true });
  return names.filter((name) => name.endsWith('.gz')).map((name) => join(spoolDir, name));
}

it('a waiting file that an operator removed is reported once, and its waiters reject; other files are stored', async () => {
  let isDown = true;
  const storage = new MemoryStorage({
    fail: () => (isDown ? new StorageError('UNAVAILABLE', 'no network') : undefined),
  });
  const spoolDir = await temporaryDirectory();
  const { sink } = await openSink({ clock: impatientClock, storage, spoolDir, uploadConcurrency: 1 });
  const failed: string[] = [];
  sink.on('failed', ({ path }) => failed.push(path));
  const receipt = await sink.write(to, raw(1));
  const stored = errorOf(receipt.reached('stored'));
  const flushed = errorOf(sink.flush());
  let paths: string[] = [];
  while (paths.length === 0) paths = await waitingFiles(spoolDir);
  await new Promise((resolve) => setTimeout(resolve, 50));
  paths = await waitingFiles(spoolDir);
  for (const path of paths) await unlink(path);
  isDown = false;

  expect(await stored).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  expect(await flushed).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  expect(failed).toEqual(paths);
  expect(String(sink.stats().lastError)).toContain('was removed from the spool');
  expect(sink.stats()).toMatchObject({ unstoredFiles: 0, spooledBytes: 0 });
  await sink.write(to, raw(2));
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([2]);
});

it('a file that an operator removed while its name was taken in the storage is reported once', async () => {
  let calls = 0;
  const storage = {
    put: async () => {
      calls += 1;
      for (const path of await waitingFiles(spoolDir)) await unlink(path);
      return 'exists' as const;
    },
  };
  const spoolDir = await temporaryDirectory();
  const { sink } = await openSink({ clock: impatientClock, storage, spoolDir });
  await sink.write(to, raw(1));
  expect(await errorOf(sink.flush())).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  expect(String(sink.stats().lastError)).toContain('was removed from the spool');
  expect(calls).toBe(1);
});

it('a file that the storage fails to take, again and again, does not keep the others waiting', async () => {
  const stored = new MemoryStorage();
  const storage = {
    put: async (...args: Parameters<MemoryStorage['put']>) => {
      if (args[0].includes('poison')) throw new StorageError('UNAVAILABLE', 'reset by a proxy');
      return await stored.put(...args);
    },
  };
  const { sink } = await openSink({ clock: impatientClock, storage, uploadConcurrency: 1 });
  await sink.write({ ...to, database: 'poison' }, raw(1));
  const poisoned = sink.flush().catch(() => undefined);
  await sink.write(to, raw(2));
  const receipt = await sink.write(to, raw(3));
  await receipt.reached('stored');
  expect(await storedNumbers(stored)).toEqual([2, 3]);
  await sink.close({ timeoutMs: 0 });
  await poisoned;
});

it('no more puts are made in an outage because more files wait: a failed one keeps its slot for its pause', async () => {
  let puts = 0;
  const storage = {
    put: async () => {
      puts += 1;
      throw new StorageError('UNAVAILABLE', 'no network');
    },
  };
  const never: Clock = { now: () => Date.now(), sleep: (_ms, signal) => systemClock.sleep(1_000_000, signal) };
  const { sink } = await openSink({ clock: never, storage, uploadConcurrency: 2 });
  await Promise.all(Array.from({ length: 6 }, (_, n) => sink.write({ ...to, database: `db${n}` }, raw(n))));
  const flushed = sink.flush().catch(() => undefined);
  await until(() => puts > 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(puts).toBe(2);
  await sink.close({ timeoutMs: 0 });
  await flushed;
});
