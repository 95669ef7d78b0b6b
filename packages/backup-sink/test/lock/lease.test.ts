import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type FileSystem, nodeFileSystem } from '@ceres/internal';
import { MemoryStorage } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { acquireLock } from '../../src/lock/acquire-lock';
import { errorOf, openSink, raw, storedNumbers, temporaryDirectory, to, until } from '../sink-harness';

/** So long that only the test renews the lease. */
const times = { renewalMs: 100_000, leaseMs: 50, staleMs: 100_000 };

async function acquire(fs: FileSystem, folder: string) {
  const lock = await acquireLock(fs, folder, () => undefined, { times });
  onTestFinished(() => lock.release());
  return lock;
}

it('a lease renewal that began before the process stood still proves nothing after it', async () => {
  const folder = await temporaryDirectory();
  let answer = () => {};
  let isStill = false;
  const fs: FileSystem = {
    ...nodeFileSystem,
    readdir: async (path) => {
      const names = await nodeFileSystem.readdir(path);
      if (isStill) await new Promise<void>((resolve) => (answer = resolve));
      return names;
    },
  };
  const lock = await acquire(fs, folder);
  await pause(60);
  isStill = true;
  const held = errorOf(lock.assertHeld());
  await pause(20);
  await writeFile(join(folder, 'lock-000000099'), '{}');
  await pause(60);
  isStill = false;
  answer();
  expect(await held).toMatchObject({ code: 'SPOOL_LOCKED' });
});

it('an owner that cannot count its renewals keeps the lock, and notices who takes it', async () => {
  const folder = await temporaryDirectory();
  let isReadOnly = false;
  const fs: FileSystem = {
    ...nodeFileSystem,
    open: async (path, flags) => {
      if (isReadOnly && flags === 'w') throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
      return await nodeFileSystem.open(path, flags);
    },
  };
  const lock = await acquire(fs, folder);
  isReadOnly = true;
  await pause(60);
  await lock.assertHeld();
  isReadOnly = false;
  await writeFile(join(folder, 'lock-000000099'), '{}');
  isReadOnly = true;
  await pause(60);
  expect(await errorOf(lock.assertHeld())).toMatchObject({ code: 'SPOOL_LOCKED' });
  isReadOnly = false;
  expect(await readdir(folder)).toContain('lock-000000099');
});

it('a spool whose disk has become read-only still drains after the first lease is over', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool' });
  await sink.write(to, raw(1));
  const changing = /^(write|sync|datasync|truncate|mkdir|link|rename|unlink)$/;
  disk.fault = ({ operation }) => (changing.test(operation) ? { kind: 'EROFS' } : undefined);
  await pause(2_600);
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([1]);
  disk.fault = undefined;
  await until(() => sink.stats().spooledBytes === 0);
});

it('a file whose disk fails while it gets another name is not parked: it is found again, and put', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  let isTaken = true;
  const stored = new MemoryStorage();
  const storage = {
    put: async (...args: Parameters<MemoryStorage['put']>) => {
      if (!isTaken) return await stored.put(...args);
      isTaken = false;
      let left = 1;
      disk.fault = ({ operation }) => (operation === 'rename' && left-- > 0 ? { kind: 'EIO', done: 1 } : undefined);
      return 'exists' as const; // another sink's file has the name: this one is renamed, and the disk fails
    },
  };
  const { sink } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool', storage });
  await sink.write(to, raw(1));
  const parked: unknown[] = [];
  sink.on('parked', (event) => parked.push(event));
  await sink.flush();
  expect(parked).toEqual([]);
  expect(await storedNumbers(stored)).toEqual([1]);
});

it('a file whose lock cannot be read is not parked: the put is retried', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool' });
  const errors: unknown[] = [];
  sink.on('retry', ({ error }) => errors.push(error));
  sink.on('parked', ({ error }) => errors.push(error));
  await sink.write(to, raw(1));
  let isCompressed = false;
  let left = 1;
  disk.fault = ({ operation, path }) => {
    isCompressed ||= operation === 'unlink' && path.endsWith('.lp');
    if (isCompressed) stand(2_600);
    isCompressed = false;
    return operation === 'readdir' && path.endsWith('~spool') && left-- > 0 ? { kind: 'EIO' } : undefined;
  };
  await sink.flush();
  expect(errors).toEqual([expect.objectContaining({ code: 'SPOOL_UNWRITABLE' })]);
  expect(await storedNumbers(storage)).toEqual([1]);
});

/** Blocks the process, as if it were suspended. */
function stand(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
