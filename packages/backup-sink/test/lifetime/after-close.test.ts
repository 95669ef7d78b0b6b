import { rm } from 'node:fs/promises';
import { MemoryStorage, StorageError } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { SinkError } from '../../src/errors';
import { type BackupSink, closeOnSignal } from '../../src/index';
import { Backlog } from '../../src/spool/files/backlog';
import { SpoolFile } from '../../src/spool/files/spool-file';
import { toSpoolPartition } from '../../src/spool/layout';
import { errorOf, openSink, raw, to, until } from '../sink-harness';

const silent = { put: () => new Promise<never>(() => undefined) };

describe('once the sink is closed', () => {
  it('a receipt and flush() reject with CLOSED what is not stored, and a stored write stays stored', async () => {
    const { sink } = await openSink();
    const stored = await sink.write(to, raw(1));
    await sink.flush();
    const { sink: late } = await openSink({ storage: silent });
    const receipt = await late.write(to, raw(1));
    await Promise.all([sink.close(), late.close({ timeoutMs: 0 })]);
    await stored.reached('stored');
    expect(await errorOf(receipt.reached('stored'))).toMatchObject({ code: 'CLOSED' });
    expect(await errorOf(late.flush())).toMatchObject({ code: 'CLOSED' });
  });

  it('flush() puts no parked file', async () => {
    let puts = 0;
    const storage = new MemoryStorage({
      fail: () => {
        puts += 1;
        return new StorageError('DENIED', 'no permission');
      },
    });
    const { sink } = await openSink({ storage });
    await sink.write(to, raw(1));
    expect(await errorOf(sink.flush())).toMatchObject({ code: 'PARKED' });
    await sink.close();
    const before = puts;
    expect(await errorOf(sink.flush())).toMatchObject({ code: 'CLOSED' });
    expect(puts).toBe(before);
    expect(sink.stats()).toMatchObject({ parkedFiles: 1 });
  });
});

it('once the spool was taken over, a receipt and flush() reject with SPOOL_LOCKED', async () => {
  const { sink, spoolDir } = await openSink({ storage: silent });
  const receipt = await sink.write(to, raw(1));
  await rm(spoolDir, { recursive: true });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_600); // stands still for longer than its lease
  await errorOf(sink.write(to, raw(2)));
  expect(await errorOf(receipt.reached('stored'))).toMatchObject({ code: 'SPOOL_LOCKED' });
  expect(await errorOf(sink.flush())).toMatchObject({ code: 'SPOOL_LOCKED' });
});

it('a file of which the disk kept nothing never counts as stored', async () => {
  const backlog = new Backlog(() => undefined);
  const partition = toSpoolPartition('/spool', to, false);
  const file = SpoolFile.open({
    partition,
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    path: '/spool/f.lp',
    sinceMs: 0,
  });
  file.seal();
  backlog.add(file);
  const waiting = errorOf(backlog.whenStored(file));
  backlog.remove(file);
  expect(await waiting).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  expect(await errorOf(backlog.whenStored(file))).toBeInstanceOf(SinkError);
});

describe('the time that close() may take', () => {
  it.each([Number.NaN, -5, '30s', null])('cannot be %o', async (timeoutMs) => {
    const { sink } = await openSink();
    const given = { timeoutMs } as { timeoutMs: number };
    const handlers = process.listenerCount('SIGTERM');
    const expected = { code: 'INVALID_OPTIONS', message: expect.stringContaining('timeoutMs') };
    await expect((async () => await sink.close(given))()).rejects.toMatchObject(expected);
    expect(() => closeOnSignal(sink, given)).toThrow(expect.objectContaining(expected));
    expect(process.listenerCount('SIGTERM')).toBe(handlers);
    await sink.write(to, raw(1)); // it is open
  });

  it.each([Infinity, 2 ** 31, 25_000])('is not 1 ms for %d', async (timeoutMs) => {
    const puts: (() => void)[] = [];
    const storage = { put: () => new Promise<'created'>((resolve) => puts.push(() => resolve('created'))) };
    const { sink } = await openSink({ storage });
    await sink.write(to, raw(1));
    const closed = sink.close({ timeoutMs });
    await new Promise((resolve) => setTimeout(resolve, 50)); // long enough for a timer of 1 ms
    await until(() => puts.length > 0);
    for (const put of puts) put();
    expect(await closed).toEqual({ unstoredFiles: 0 });
  });

  it('may be 0', async () => {
    const { sink }: { sink: BackupSink } = await openSink({ storage: silent });
    await sink.write(to, raw(1));
    expect(await sink.close({ timeoutMs: 0 })).toEqual({ unstoredFiles: 1 });
  });
});
