import { MemoryStorage, type ObjectWriter, StorageError } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { BackupSink } from '../../src/index';
import { errorOf, impatientClock, openSink, raw, storedNumbers, to, until } from '../sink-harness';

const spoolDir = '/spool';
const down: ObjectWriter = { put: () => Promise.reject(new StorageError('UNAVAILABLE', 'no network')) };
/** A disk on which a killed sink left open segments. */
async function leftBehind(partitions = 1): Promise<FaultyDisk> {
  const disk = new FaultyDisk(randomFrom(1));
  const sink = await BackupSink.open({ fs: new FaultyFs(disk), spoolDir, precision: 's', storage: down });
  for (let n = 0; n < partitions; n += 1) await sink.write({ ...to, database: `db${n}` }, raw(n));
  disk.kill();
  return disk;
}

describe('a file that cannot be recovered at open', () => {
  it('counts as not stored, with its age and size, until the disk is fixed; then it is stored', async () => {
    const disk = await leftBehind();
    disk.fault = ({ operation, path }) =>
      operation === 'open' && path.endsWith('.lp.open') ? { kind: 'EIO' } : undefined;
    const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir, clock: impatientClock });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sink.stats()).toMatchObject({ unstoredFiles: 1, lastError: { code: 'SPOOL_UNWRITABLE' } });
    expect(sink.stats().oldestUnstoredMs).toBeGreaterThan(0);
    expect(sink.stats().spooledBytes).toBeGreaterThan(0);
    disk.fault = undefined;
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([0]);
    expect(sink.stats()).toMatchObject({ unstoredFiles: 0, oldestUnstoredMs: 0 });
  });

  it('is counted by close(), and recovered by the next open', async () => {
    const disk = await leftBehind();
    disk.fault = ({ path }) => (path.endsWith('.lp.open') ? { kind: 'EIO' } : undefined);
    const first = await openSink({ fs: new FaultyFs(disk), spoolDir, clock: impatientClock });
    expect(await first.sink.close({ timeoutMs: 20 })).toEqual({ unstoredFiles: 1 });
    disk.fault = undefined;
    const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir });
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([0]);
  });

  it('is found again although the rename that failed had happened', async () => {
    const disk = await leftBehind();
    let left = 1;
    disk.fault = ({ operation, path }) =>
      operation === 'rename' && path.endsWith('.lp.open') && left-- > 0 ? { kind: 'EIO', done: 1 } : undefined;
    const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir, clock: impatientClock });
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([0]);
    await until(() => disk.files().every((path) => path.includes('~spool')));
  });

  it('is reported if it is removed before it is recovered', async () => {
    const disk = await leftBehind();
    disk.fault = ({ operation, path }) =>
      operation === 'open' && path.endsWith('.lp.open') ? { kind: 'EIO' } : undefined;
    const { sink } = await openSink({ fs: new FaultyFs(disk), spoolDir, clock: impatientClock });
    const flushed = errorOf(sink.flush());
    for (const path of disk.files()) if (path.endsWith('.lp.open')) await new FaultyFs(disk).unlink(path);
    expect(await flushed).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
    expect(String(sink.stats().lastError)).toContain('was removed from the spool');
    expect(sink.stats().unstoredFiles).toBe(0);
  });
});

it('of many compressed files found at open, few are read at once', async () => {
  const disk = await leftBehind(20);
  const first = await BackupSink.open({
    fs: new FaultyFs(disk),
    spoolDir,
    precision: 's',
    storage: down,
    clock: impatientClock,
  });
  const compressed = () => disk.files().filter((path) => path.endsWith('.gz'));
  await until(() => compressed().length > 15);
  await first.close({ timeoutMs: 0 });
  const found = compressed();
  expect(found.length).toBeGreaterThan(15);
  const real = new FaultyFs(disk);
  let open = 0;
  let most = 0;
  const fs = Object.assign(Object.create(real) as FaultyFs, {
    open: async (path: string, flags: string) => {
      const handle = await real.open(path, flags);
      if (!path.endsWith('.gz')) return handle;
      open += 1;
      most = Math.max(most, open);
      const close = handle.close.bind(handle);
      return Object.assign(handle, {
        close: async () => {
          open -= 1;
          await close();
        },
      });
    },
  });
  for (const name of ['mkdir', 'link', 'rename', 'unlink', 'readdir', 'lstat'] as const) {
    Object.assign(fs, { [name]: real[name].bind(real) });
  }
  const storage = new MemoryStorage();
  const { sink } = await openSink({ fs, spoolDir, storage, uploadConcurrency: 1 });
  await sink.flush();
  expect(await storedNumbers(storage)).toHaveLength(20);
  expect(most).toBeLessThanOrEqual(3); // two that are summed, one that is put
});
