import { readdir, readlink } from 'node:fs/promises';
import { MemoryStorage, type ObjectWriter, StorageError } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { errorOf, line, openSink, raw, storedNumbers, temporaryDirectory, to, until } from '../sink-harness';

const down = () => new MemoryStorage({ fail: () => new StorageError('UNAVAILABLE', 'no network') });
const big = (n: number, bytes: number) => ({ lines: line(n, `v="${'x'.repeat(bytes)}"`), precision: 's' }) as const;

describe('a full spool', () => {
  const small = { spoolBytesMax: 8_192, segmentBytesMax: 1_024 };

  it('rejects writes with SPOOL_FULL, and holds no more than its limit', async () => {
    const { sink } = await openSink({ ...small, storage: down(), onSpoolFull: 'reject', gzipLevel: 0 });
    let error: unknown;
    for (let n = 0; error === undefined && n < 100; n += 1)
      error = await sink
        .write(to, big(n, 500))
        .catch((e: unknown) => e)
        .then((r) => (r instanceof Error ? r : undefined));
    expect(error).toMatchObject({ code: 'SPOOL_FULL', retryable: true });
    expect(sink.stats().spooledBytes).toBeLessThanOrEqual(small.spoolBytesMax);
  });

  it('makes writes wait in order, lets them give up by signal, and lets them in when the storage is back', async () => {
    let isDown = true;
    const storage = new MemoryStorage({
      fail: () => (isDown ? new StorageError('UNAVAILABLE', 'no network') : undefined),
    });
    const { sink } = await openSink({ ...small, storage, gzipLevel: 0 });
    const writes = Array.from({ length: 30 }, (_, n) => sink.write(to, big(n, 500)));
    const signal = AbortSignal.timeout(50);
    expect(await errorOf(sink.write(to, big(30, 500), { signal }))).toMatchObject({ name: 'TimeoutError' });
    isDown = false;
    await Promise.all(writes);
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it('refuses at once what can never fit', async () => {
    const { sink } = await openSink(small);
    expect(await errorOf(sink.write(to, big(1, 20_000)))).toMatchObject({ code: 'SPOOL_FULL' });
  });

  it('drains through memory when the disk takes nothing more', async () => {
    const disk = new FaultyDisk(randomFrom(1));
    const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool' });
    await sink.write(to, raw(1, 2, 3));
    disk.capacityBytes = disk.usedBytes();
    expect(await errorOf(sink.write(to, raw(4)))).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1, 2, 3]);
    await until(() => disk.files().filter((path) => !path.includes('~spool')).length === 0);
  });

  it('closes while files wait for memory on a full disk', async () => {
    const disk = new FaultyDisk(randomFrom(1));
    const { sink } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool', storage: down() });
    for (let n = 0; n < 5; n += 1) await sink.write({ ...to, database: `db${n}` }, raw(n));
    disk.capacityBytes = disk.usedBytes();
    const flushed = errorOf(sink.flush());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await sink.close({ timeoutMs: 20 })).toEqual({ unstoredFiles: 5 });
    expect(await flushed).toMatchObject({ code: 'CLOSED' });
  });
});

it('more partitions than openFilesMax can be written', async () => {
  const { sink, storage, spoolDir } = await openSink({ openFilesMax: 16 });
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => sink.write({ ...to, database: `db${n}` }, raw(100 * n + round))),
    );
  }
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  expect(links.filter((path) => path.startsWith(spoolDir) && path.endsWith('.lp.open')).length).toBeLessThanOrEqual(16);
  await sink.flush();
  expect((await storedNumbers(storage)).length).toBe(180);
});

it('puts no more files at once than uploadConcurrency', async () => {
  let now = 0;
  let most = 0;
  let seeTwo: () => void = () => undefined;
  const two = new Promise<void>((resolve) => {
    seeTwo = resolve;
  });
  const storage: ObjectWriter = {
    async put() {
      now += 1;
      most = Math.max(most, now);
      if (most === 2) seeTwo();
      await two; // The first waits for another beside it.
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      return 'created';
    },
  };
  const { sink } = await openSink({ storage, uploadConcurrency: 2 });
  await Promise.all(Array.from({ length: 10 }, (_, n) => sink.write({ ...to, database: `db${n}` }, raw(n))));
  await sink.flush();
  expect(most).toBe(2);
});

it('uses nothing of a storage but put()', async () => {
  const storage = new Proxy(new MemoryStorage(), {
    get: (target, property) => {
      if (property === 'put') return target.put.bind(target);
      throw new Error(`the sink touched ${String(property)}`);
    },
  });
  const { sink } = await openSink({ storage });
  await sink.write(to, raw(1));
  await sink.flush();
  expect(await sink.close()).toEqual({ unstoredFiles: 0 });
});

describe('a storage that refuses for good', () => {
  it('parks the file: waiters reject with PARKED, it is counted and kept, and the next flush stores it once the cause is gone', async () => {
    let isDenied = true;
    const storage = new MemoryStorage({
      fail: () => (isDenied ? new StorageError('DENIED', 'no permission') : undefined),
    });
    const { sink } = await openSink({ storage });
    const parked: string[] = [];
    sink.on('parked', ({ path }) => parked.push(path));
    const receipt = await sink.write(to, raw(1));
    expect(await errorOf(receipt.reached('stored'))).toMatchObject({ code: 'PARKED' });
    expect(sink.stats()).toMatchObject({ parkedFiles: 1, unstoredFiles: 1, storedFiles: 0 });
    expect(parked).toHaveLength(1);
    expect(await errorOf(sink.flush())).toMatchObject({ code: 'PARKED' });
    isDenied = false;
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1]);
    expect(sink.stats()).toMatchObject({ parkedFiles: 0, unstoredFiles: 0, oldestUnstoredMs: 0 });
  });
});

it('a closed sink refuses writes, and closing again gives the same answer', async () => {
  const { sink } = await openSink();
  const closed = sink.close();
  expect(sink.close()).toBe(closed);
  await closed;
  expect(await errorOf(sink.write(to, raw(1)))).toMatchObject({ code: 'CLOSED' });
});

it('what close() cannot store in time stays for the next open', async () => {
  const spoolDir = await temporaryDirectory();
  const first = await openSink({ spoolDir, storage: down() });
  await first.sink.write(to, raw(1));
  expect(await first.sink.close({ timeoutMs: 50 })).toEqual({ unstoredFiles: 1 });
  const second = await openSink({ spoolDir });
  await second.sink.flush();
  expect(await storedNumbers(second.storage)).toEqual([1]);
});
