import { type FileHandle, type FileSystem, nodeFileSystem } from '@ceres/internal';
import { MemoryStorage, type ObjectWriter, StorageError } from '@ceres/storage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackupSink } from '../../src/index';
import { errorOf, impatientClock, openSink, raw, storedNumbers, temporaryDirectory, to, until } from '../sink-harness';

/** Node's file system, of which calls can be made to hang, as those of a dead disk do. */
class HangingFs {
  #hangs: RegExp | undefined;
  readonly #waiting: (() => void)[] = [];
  readonly fs: FileSystem;

  constructor() {
    const through = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
      if (this.#hangs?.test(name)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return await call();
    };
    const wrapped = (handle: FileHandle): FileHandle => ({
      write: (...given) => handle.write(...given),
      read: (...given) => handle.read(...given),
      truncate: (length) => handle.truncate(length),
      close: () => handle.close(),
      sync: () => through('sync', () => handle.sync()),
      datasync: () => through('datasync', () => handle.datasync()),
    });
    const open = async (path: string, flags: string) =>
      wrapped(await through('open', () => nodeFileSystem.open(path, flags)));
    this.fs = { ...nodeFileSystem, open };
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  hang(calls: RegExp): void {
    this.#hangs = calls;
  }

  answer(): void {
    this.#hangs = undefined;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Lets timers of a second and more pass up to fifty times as fast. The disk, which is real, gets its time on a busy machine too. */
beforeEach(() => {
  const { setTimeout: start } = globalThis;
  const hurried = (callback: () => void, ms = 0, ...given: []) =>
    start(callback, ms < 1_000 ? ms : Math.max(100, Math.min(2_400, ms / 50)), ...given);
  vi.stubGlobal('setTimeout', Object.assign(hurried, start));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('while the disk does not answer', () => {
  it('a write and flush() end when their signal aborts', async () => {
    const disk = new HangingFs();
    const { sink, storage } = await openSink({ fs: disk.fs });
    disk.hang(/datasync/);
    const reason = new Error('the caller waits no longer');
    const abort = new AbortController();
    const written = errorOf(sink.write(to, raw(1), { signal: abort.signal }));
    const flushed = errorOf(sink.flush({ signal: abort.signal }));
    await until(() => disk.waiting > 0);
    abort.abort(reason);
    expect(await written).toBe(reason);
    expect(await flushed).toBe(reason);
    disk.answer();
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1]); // what is on its way goes on
  });

  it('close() ends in its time, a write and a flush() in progress with CLOSED, and the spool stays locked until the disk answers', async () => {
    const disk = new HangingFs();
    const { sink, spoolDir } = await openSink({ fs: disk.fs });
    await sink.write(to, raw(1));
    disk.hang(/datasync/);
    const writing = errorOf(sink.write(to, raw(2)));
    const queued = errorOf(sink.write(to, raw(3)));
    const flushed = errorOf(sink.flush());
    await until(() => disk.waiting > 0);
    const failed = new Promise((resolve) => sink.on('failed', resolve));
    expect(await sink.close({ timeoutMs: 0 })).toEqual({ unstoredFiles: 1 });
    expect(await writing).toMatchObject({ code: 'CLOSED' });
    expect(await queued).toMatchObject({ code: 'CLOSED' });
    expect(await flushed).toMatchObject({ code: 'CLOSED' });
    expect(await failed).toMatchObject({ error: { message: expect.stringContaining('stays locked') } });

    const storage = new MemoryStorage();
    const again = () => BackupSink.open({ storage, spoolDir, precision: 's' });
    expect(await errorOf(again())).toMatchObject({ code: 'SPOOL_LOCKED' });
    disk.answer();
    let next: BackupSink | undefined;
    await vi.waitFor(async () => {
      next = await again();
    }, 60_000);
    await next?.flush();
    await next?.close();
    expect(await storedNumbers(storage)).toEqual(expect.arrayContaining([1]));
  });

  it('open() fails, and the spool is free once the disk answers', async () => {
    const disk = new HangingFs();
    const spoolDir = await temporaryDirectory();
    const options = { storage: new MemoryStorage(), spoolDir, precision: 's' } as const;
    disk.hang(/open/);
    const error = await errorOf(BackupSink.open({ ...options, fs: disk.fs }));
    expect(error).toMatchObject({ code: 'SPOOL_UNWRITABLE', message: expect.stringContaining('has not answered') });
    disk.answer();
    await vi.waitFor(async () => await (await BackupSink.open(options)).close(), 60_000);
  });
});

it('a put that never settles is given up and made again', async () => {
  const bucket = new MemoryStorage();
  let puts = 0;
  const storage: ObjectWriter = {
    put: async (key, body) => {
      puts += 1;
      if (puts === 1) await new Promise(() => undefined);
      return await bucket.put(key, body);
    },
  };
  const { sink } = await openSink({ storage: storage as MemoryStorage, clock: impatientClock });
  await sink.write(to, raw(1));
  await sink.flush();
  expect(puts).toBe(2);
  expect(await storedNumbers(bucket)).toEqual([1]);
});

it('a heartbeat whose put never settles is given up, and the next one says the same', async () => {
  const bucket = new MemoryStorage();
  const heartbeats: string[] = [];
  const storage: ObjectWriter = {
    put: async (key, body) => {
      if (key.startsWith('~heartbeat/') && heartbeats.push(key) === 1) await new Promise(() => undefined);
      return await bucket.put(key, body);
    },
  };
  const { sink } = await openSink({ storage: storage as MemoryStorage, heartbeatMs: 1 });
  const failed = new Promise((resolve) => sink.on('heartbeatFailed', resolve));
  const heard = new Promise<{ readonly files: number }>((resolve) => sink.on('heartbeat', resolve));
  await sink.write(to, raw(1));
  await sink.flush();
  expect(await failed).toMatchObject({ error: { message: expect.stringContaining('has not answered for 60 s') } });
  await sink.write(to, raw(2));
  await sink.flush();
  expect((await heard).files).toBeGreaterThan(0);
});

it('a write that waits for room ends with CLOSED when the sink closes', async () => {
  const storage = { put: () => new Promise<never>(() => undefined) };
  const { sink } = await openSink({
    storage: storage as unknown as MemoryStorage,
    spoolBytesMax: 4_096,
    segmentBytesMax: 1_024,
  });
  const room = new Promise((resolve) => sink.on('full', resolve));
  const writes = Array.from({ length: 20 }, (_, n) =>
    sink.write(to, raw(...Array.from({ length: 20 }, (_, i) => 20 * n + i))),
  );
  const outcomes = Promise.allSettled(writes);
  await room;
  await sink.close({ timeoutMs: 0 });
  const codes = (await outcomes).map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'acked'));
  expect(new Set(codes)).toEqual(new Set(['acked', 'CLOSED']));
});

it('no pause between two attempts is longer than 30 s', async () => {
  const pauses: number[] = [];
  const clock = { now: () => Date.now(), sleep: async (ms: number) => void pauses.push(ms) };
  const bucket = new MemoryStorage({
    fail: () => (pauses.length < 60 ? new StorageError('UNAVAILABLE', 'no network') : undefined),
  });
  const { sink } = await openSink({ storage: bucket, clock });
  await sink.write(to, raw(1));
  await sink.flush();
  expect(pauses).toHaveLength(60);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
  expect(Math.max(...pauses)).toBeGreaterThan(10_000); // far from the first one
});
