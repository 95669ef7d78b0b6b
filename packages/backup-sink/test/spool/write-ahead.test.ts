import { nodeFileSystem } from '@ceres/internal';
import type { FileHandle, FileSystem } from '@ceres/storage';
import { expect, it } from 'vitest';
import { errorOf, line, openSink, raw, storedNumbers, to, until } from '../sink-harness';

/** A disk whose writes to open segments are counted, and whose fsyncs of them are held until they are let go. */
class HeldDisk {
  readonly fs: FileSystem = {
    ...nodeFileSystem,
    open: async (path, flags) => {
      const handle = await nodeFileSystem.open(path, flags);
      return path.endsWith('.lp.open') ? this.#watched(handle) : handle;
    },
  };
  writes = 0;
  /** The error of the next write. */
  refusal: Error | undefined;
  #isHolding = false;
  readonly #held: ((error?: Error) => void)[] = [];

  hold(): void {
    this.#isHolding = true;
  }

  get held(): number {
    return this.#held.length;
  }

  /** Lets one fsync go, with or without an error. */
  letGo(error?: Error): void {
    this.#held.shift()?.(error);
  }

  letAllGo(): void {
    this.#isHolding = false;
    for (const go of this.#held.splice(0)) go();
  }

  #watched(handle: FileHandle): FileHandle {
    return new Proxy(handle, {
      get: (target, name) => {
        if (name === 'datasync') return () => this.#sync(target);
        if (name === 'write') return (...args: Parameters<FileHandle['write']>) => this.#write(target, args);
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  async #sync(handle: FileHandle): Promise<void> {
    if (this.#isHolding) {
      await new Promise<void>((resolve, reject) => {
        this.#held.push((error) => (error === undefined ? resolve() : reject(error)));
      });
    }
    await handle.datasync();
  }

  async #write(handle: FileHandle, args: Parameters<FileHandle['write']>) {
    this.writes += 1;
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal !== undefined) throw refusal;
    return await handle.write(...args);
  }
}

const broken = (code: string) => Object.assign(new Error(`${code}: by the test`), { code });

/** A write that fills a frame almost by itself. */
const large = (n: number) => ({ lines: line(n, `v="${'x'.repeat(460 * 1024)}"`), precision: 's' }) as const;

/** Opens a sink whose segment holds the line 1, and whose line 2 is written and waits for its fsync. */
async function waitingForFsync() {
  const disk = new HeldDisk();
  const { sink, storage } = await openSink({ fs: disk.fs });
  await sink.write(to, raw(1));
  disk.hold();
  const second = sink.write(to, raw(2));
  await until(() => disk.held === 1);
  return { disk, sink, storage, second, before: disk.writes };
}

it('a large frame is written while the one before it is fsynced, and is acked after an fsync of its own', async () => {
  const { disk, sink, storage, second, before } = await waitingForFsync();
  const third = sink.write(to, large(3));
  await until(() => disk.writes === before + 1);
  expect(disk.held).toBe(1);
  disk.letGo();
  await second;
  await until(() => disk.held === 1);
  let isAcked = false;
  void third.then(() => {
    isAcked = true;
  });
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(isAcked).toBe(false);
  disk.letAllGo();
  await third;
  expect(disk.writes).toBe(before + 1);
  await sink.write(to, raw(4));
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([1, 2, 3, 4]);
});

it('a small frame waits for more lines instead', async () => {
  const { disk, sink, second, before } = await waitingForFsync();
  const others = [3, 4, 5].map((n) => sink.write(to, raw(n)));
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(disk.writes).toBe(before);
  disk.letAllGo();
  await Promise.all([second, ...others]);
  expect(disk.writes).toBe(before + 1);
});

it('after a failed fsync, what was written ahead goes into another file', async () => {
  const { disk, sink, storage, second, before } = await waitingForFsync();
  const third = sink.write(to, large(3));
  await until(() => disk.writes === before + 1);
  disk.letGo(broken('EIO'));
  expect(await errorOf(second)).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  disk.letAllGo();
  await third;
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([1, 3]);
  await until(() => sink.stats().spooledBytes === 0);
});

it('a write ahead that fails fails alone', async () => {
  const { disk, sink, storage, second } = await waitingForFsync();
  disk.refusal = broken('ENOSPC');
  const third = sink.write(to, large(3));
  await until(() => disk.refusal === undefined);
  disk.letAllGo();
  await second;
  expect(await errorOf(third)).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  await sink.write(to, raw(4));
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([1, 2, 4]);
});

it('a flush waits for what was written ahead', async () => {
  const { disk, sink, storage, second, before } = await waitingForFsync();
  const third = sink.write(to, large(3));
  await until(() => disk.writes === before + 1);
  const flushed = sink.flush();
  disk.letAllGo();
  await Promise.all([second, third, flushed]);
  expect(await storedNumbers(storage)).toEqual([1, 2, 3]);
});
