import { nodeFileSystem } from '@ceres/internal';
import { MemoryStorage } from '@ceres/storage';
import { FaultyDisk, FaultyFs, type FsOperation, randomFrom } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { BackupSink, type BackupSinkOptions } from '../../src/index';
import { errorOf, line, openSink, raw, storedNumbers, temporaryDirectory, to } from '../sink-harness';

/** A disk whose fsyncs of data wait for a gate. */
function gatedDisk() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const fs: BackupSinkOptions['fs'] = {
    ...nodeFileSystem,
    open: async (path, flags) => {
      const handle = await nodeFileSystem.open(path, flags);
      return new Proxy(handle, {
        get: (target, name) => {
          if (name === 'datasync') return () => opened.then(() => target.datasync());
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  };
  return { fs, open };
}

/** Resolves with true if the promise settles while everything that can happen without a timer happens. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

const big = (n: number, bytes: number) => ({ lines: line(n, `v="${'x'.repeat(bytes)}"`), precision: 's' }) as const;

describe("ack 'buffered'", () => {
  it('resolves before the disk has the lines, and the receipt waits for more', async () => {
    const { fs, open } = gatedDisk();
    const { sink, storage } = await openSink({ fs });
    const receipt = await sink.write(to, raw(1), { ack: 'buffered' });
    expect(receipt).toMatchObject({ ack: 'buffered', lines: 1 });
    await receipt.reached('buffered');
    const spooled = receipt.reached('spooled');
    expect(await isSettled(spooled)).toBe(false);
    expect(sink.stats()).toMatchObject({ acceptedLines: 0 });
    open();
    await spooled;
    expect(sink.stats()).toMatchObject({ acceptedLines: 1 });
    await receipt.reached('stored');
    expect(await storedNumbers(storage)).toEqual([1]);
  });

  it('leaves a refusal by the disk to the receipt, an event and stats()', async () => {
    const disk = new FaultyDisk(randomFrom(1));
    const { sink } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool', ack: 'buffered' });
    const failed: number[] = [];
    sink.on('failed', ({ lines }) => failed.push(lines));
    disk.fault = ({ operation }) => (operation === 'datasync' ? { kind: 'EIO' } : undefined);
    const receipt = await sink.write(to, raw(1, 2));
    expect(await errorOf(receipt.reached('spooled'))).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
    expect(failed).toEqual([2]);
    expect(sink.stats()).toMatchObject({ acceptedLines: 0, lastError: { code: 'SPOOL_UNWRITABLE' } });
  });
});

describe('bufferedBytesMax', () => {
  it('makes writes wait while that much is on its way to the disk, and keeps the order of their calls', async () => {
    const { fs, open } = gatedDisk();
    const { sink, storage } = await openSink({ fs, ack: 'buffered', bufferedBytesMax: 1_024 });
    await sink.write(to, big(1, 600));
    const second = sink.write(to, big(2, 600));
    const third = sink.write(to, raw(3)); // small, and yet behind the second
    expect(await isSettled(second)).toBe(false);
    expect(await isSettled(third)).toBe(false);
    open();
    await Promise.all([second, third]);
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1, 2, 3]);
  });

  it('lets a waiting write give up by its signal, and writes none of it', async () => {
    const { fs, open } = gatedDisk();
    const { sink, storage } = await openSink({ fs, ack: 'buffered', bufferedBytesMax: 1_024 });
    await sink.write(to, big(1, 600));
    const waiting = new AbortController();
    const second = errorOf(sink.write(to, big(2, 600), { signal: waiting.signal }));
    waiting.abort(new Error('enough'));
    expect(await second).toMatchObject({ message: 'enough' });
    open();
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1]);
  });

  it('keeps the order of the other calls when a waiting write gives up', async () => {
    const { fs, open } = gatedDisk();
    const { sink, storage } = await openSink({ fs, ack: 'buffered', bufferedBytesMax: 1_024 });
    await sink.write(to, big(1, 600));
    const waiting = new AbortController();
    const second = errorOf(sink.write(to, big(2, 600), { signal: waiting.signal }));
    const third = sink.write(to, raw(3));
    waiting.abort(new Error('enough'));
    const fourth = sink.write(to, raw(4)); // of the same tick
    await Promise.all([second, third, fourth]);
    open();
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1, 3, 4]);
  });

  it('lets a single larger write through by itself', async () => {
    const { sink, storage } = await openSink({ bufferedBytesMax: 1_024 });
    await sink.write(to, big(1, 5_000));
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1]);
  });
});

describe('a spool on a disk that became read-only', () => {
  const changes: readonly FsOperation[] = ['write', 'mkdir', 'rename', 'unlink', 'link', 'truncate'];

  it('cannot be opened, and says so', async () => {
    const disk = new FaultyDisk(randomFrom(1));
    disk.fault = ({ operation }) => (changes.includes(operation) ? { kind: 'EROFS' } : undefined);
    const opening = openSink({ fs: new FaultyFs(disk), spoolDir: '/spool' });
    expect(await errorOf(opening)).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  });

  it('refuses writes, and stores what was acked', async () => {
    const disk = new FaultyDisk(randomFrom(1));
    const { sink, storage } = await openSink({ fs: new FaultyFs(disk), spoolDir: '/spool' });
    await sink.write(to, raw(1));
    disk.fault = ({ operation }) => (changes.includes(operation) ? { kind: 'EROFS' } : undefined);
    expect(await errorOf(sink.write(to, raw(2)))).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1]);
    disk.fault = undefined;
  });
});

it('await using closes the sink: what was acked is stored, and later writes are refused', async () => {
  const storage = new MemoryStorage();
  const spoolDir = await temporaryDirectory();
  let used: BackupSink;
  {
    await using sink = await BackupSink.open({ storage, spoolDir, precision: 's' });
    used = sink;
    await sink.write(to, raw(1));
  }
  expect(await storedNumbers(storage)).toEqual([1]);
  expect(await errorOf(used.write(to, raw(2)))).toMatchObject({ code: 'CLOSED' });
});
