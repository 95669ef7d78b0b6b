import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MemoryStorage, StorageError } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { BackupSink } from '../../src/index';
import { errorOf, impatientClock, openSink, raw, storedNumbers, temporaryDirectory, to, until } from '../sink-harness';

it('a leftover that could not be removed counts in the spool, and is removed before its file', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  let isDown = true;
  const storage = new MemoryStorage({
    fail: () => (isDown ? new StorageError('UNAVAILABLE', 'no network') : undefined),
  });
  const { sink } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool', storage, clock: impatientClock });
  await sink.write(to, raw(1));
  let left = 1;
  disk.fault = ({ operation, path }) =>
    operation === 'unlink' && path.endsWith('.lp') && left-- > 0 ? { kind: 'EIO' } : undefined;
  const flushed = sink.flush();
  const files = () => disk.files().filter((path) => !path.includes('~spool'));
  await until(() => files().some((path) => path.endsWith('.tried.gz')));
  expect(files()).toHaveLength(2);
  const own = disk.files().filter((path) => path.includes('~spool'));
  expect(own.length).toBeGreaterThan(0);
  expect(sink.stats().spooledBytes).toBeGreaterThan(200);
  isDown = false;
  await flushed;
  await until(() => sink.stats().spooledBytes === 0);
  expect(files()).toEqual([]);
  expect(await storedNumbers(storage)).toEqual([1]);
});

it('a sealed file that holds nothing but damage is removed once the damage is kept aside', async () => {
  const { sink, storage, spoolDir } = await openSink({ clock: impatientClock });
  await sink.write(to, raw(1));
  const directory = join(spoolDir, to.instance, to.database, to.retentionPolicy);
  const [open = ''] = await readdir(directory);
  const bytes = await readFile(join(directory, open));
  bytes.write('n=7', bytes.lastIndexOf('n=1'));
  await writeFile(join(directory, open), bytes);
  expect(await errorOf(sink.flush())).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  await until(() => sink.stats().spooledBytes === 0);
  expect(await readdir(directory)).toEqual([expect.stringMatching(/\.damaged$/)]);
  expect(await storedNumbers(storage)).toEqual([]);
});

it('an open segment whose first frame is damaged is reported, and what is left of it is kept', async () => {
  const first = await openSink();
  for (const n of [1, 2, 3]) await first.sink.write(to, raw(n));
  const names = await readdir(first.spoolDir, { recursive: true });
  const name = names.find((found) => found.endsWith('.lp.open')) ?? '';
  const bytes = await readFile(join(first.spoolDir, name));
  bytes.write('n=7', bytes.indexOf('n=1'));
  const spoolDir = await temporaryDirectory();
  await mkdir(dirname(join(spoolDir, name)), { recursive: true });
  await writeFile(join(spoolDir, name), bytes);

  const sink = await BackupSink.open({ storage: new MemoryStorage(), spoolDir, precision: 's' });
  expect(String(sink.stats().lastError)).toContain('.damaged');
  expect(await readdir(dirname(join(spoolDir, name)))).toEqual([expect.stringMatching(/\.damaged$/)]);
  expect(await sink.close()).toEqual({ unstoredFiles: 0 });
});

it('close() waits for a removal in progress', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  const { sink } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool' });
  const receipt = await sink.write(to, raw(1));
  const stored = receipt.reached('stored');
  const flushed = sink.flush();
  await Promise.all([stored, flushed]);
  await sink.close({ timeoutMs: 0 });
  const calls = disk.calls;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(disk.calls).toBe(calls);
});

it('a compressed file that a full disk cannot name leaves nothing behind, and is made in memory instead', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool', clock: impatientClock });
  await sink.write(to, raw(1));
  disk.fault = ({ operation, path }) =>
    operation === 'rename' && path.endsWith('.gz.tmp') ? { kind: 'ENOSPC' } : undefined;
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([1]);
  await until(() => sink.stats().spooledBytes === 0);
  expect(disk.files().filter((path) => !path.includes('~spool'))).toEqual([]);
});

it('a compression in memory that fails gives its turn back, so that the next attempt has it', async () => {
  const disk = new FaultyDisk(randomFrom(1));
  const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool', clock: impatientClock });
  await sink.write(to, raw(1));
  let refused = 0;
  let unreadable = 0;
  disk.fault = ({ operation, path }) => {
    if (operation === 'open' && path.endsWith('.gz.tmp')) {
      refused += 1;
      return { kind: 'ENOSPC' };
    }
    if (operation !== 'read' || unreadable === 3 || refused === unreadable) return undefined;
    unreadable += 1; // once after each refusal: while the gzip is made in memory
    return { kind: 'EIO' };
  };
  await sink.flush();
  expect(unreadable).toBe(3);
  expect(await storedNumbers(storage)).toEqual([1]);
});
