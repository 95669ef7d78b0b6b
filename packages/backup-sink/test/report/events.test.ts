import { channel } from 'node:diagnostics_channel';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryStorage, type ObjectWriter, StorageError } from '@ceres/storage';
import { FaultyDisk, FaultyFs, randomFrom } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';
import type { BackupSinkOptions } from '../../src/index';
import { errorOf, impatientClock, line, openSink, raw, temporaryDirectory, to, until } from '../sink-harness';

/** Collects what is reported under one name: on the channel, and to a logger with pino's signature. */
function listenFor(name: string) {
  const published: Record<string, unknown>[] = [];
  const onMessage = (message: unknown) => published.push(message as Record<string, unknown>);
  channel(`ceres:sink:${name}`).subscribe(onMessage);
  onTestFinished(() => void channel(`ceres:sink:${name}`).unsubscribe(onMessage));
  const logged: { level: string; fields: object; message: string | undefined }[] = [];
  const at = (level: string) => (fields: object, message?: string) => void logged.push({ level, fields, message });
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { published, logged, logger };
}

/** Returns a storage that fails the first put in this way, and stores the next. */
function failingOnce(outcome: 'exists' | StorageError): ObjectWriter {
  const storage = new MemoryStorage();
  let isFirst = true;
  return {
    put: async (...args) => {
      if (!isFirst) return await storage.put(...args);
      isFirst = false;
      if (outcome === 'exists') return 'exists';
      throw outcome;
    },
  };
}

type Open = (options: Partial<BackupSinkOptions>) => ReturnType<typeof openSink>;

/** The level that each event is logged at, its payload, and what provokes it. */
const cases: readonly [name: string, level: string, payload: object, provoke: (open: Open) => Promise<void>][] = [
  [
    'sealed',
    'debug',
    { partition: expect.objectContaining(to), path: expect.any(String), lines: 1, bytes: expect.any(Number) },
    writeAndFlush({}),
  ],
  [
    'stored',
    'info',
    { key: expect.any(String), bytes: expect.any(Number), ageMs: expect.any(Number) },
    writeAndFlush({}),
  ],
  [
    'retry',
    'warn',
    { path: expect.any(String), error: expect.any(Error), attempt: 1, delayMs: expect.any(Number) },
    writeAndFlush({ storage: failingOnce(new StorageError('UNAVAILABLE', 'no network')) }),
  ],
  [
    'parked',
    'error',
    { path: expect.any(String), error: expect.objectContaining({ code: 'PARKED' }) },
    writeAndFlush({ storage: failingOnce(new StorageError('DENIED', 'no permission')) }),
  ],
  [
    'renamed',
    'warn',
    { takenKey: expect.any(String), path: expect.any(String) },
    writeAndFlush({ storage: failingOnce('exists') }),
  ],
  [
    'failed',
    'error',
    { path: expect.any(String), error: expect.objectContaining({ code: 'SPOOL_UNWRITABLE' }), lines: 2 },
    async (open) => {
      const disk = new FaultyDisk(randomFrom(1));
      const { sink } = await open({ fs: new FaultyFs(disk), spoolDir: '/spool' });
      disk.fault = ({ operation }) => (operation === 'datasync' ? { kind: 'EIO' } : undefined);
      await errorOf(sink.write(to, raw(1, 2)));
    },
  ],
  [
    'unknown',
    'warn',
    { path: expect.stringMatching(/notes\.txt$/) },
    async (open) => {
      const spoolDir = await temporaryDirectory();
      await mkdir(join(spoolDir, 'i/d/r'), { recursive: true });
      await writeFile(join(spoolDir, 'i/d/r/notes.txt'), 'mine');
      await open({ spoolDir });
    },
  ],
  [
    'full',
    'warn',
    { spooledBytes: expect.any(Number) },
    async (open) => {
      const full = { spoolBytesMax: 4_096, segmentBytesMax: 1_024, onSpoolFull: 'reject' } as const;
      const { sink } = await open(full);
      const lines = line(1, `v="${'x'.repeat(2_500)}"`);
      await sink.write(to, { lines, precision: 's' });
      expect(await errorOf(sink.write(to, { lines, precision: 's' }))).toMatchObject({ code: 'SPOOL_FULL' });
    },
  ],
  [
    'lost',
    'error',
    { error: expect.objectContaining({ code: 'SPOOL_LOCKED' }) },
    async (open) => {
      const { sink, spoolDir } = await open({});
      await rm(spoolDir, { recursive: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_600); // stands still for longer than its lease
      await errorOf(sink.write(to, raw(1)));
    },
  ],
];

function writeAndFlush(options: Partial<BackupSinkOptions>) {
  return async (open: Open) => {
    const { sink } = await open({ clock: impatientClock, ...options });
    await sink.write(to, raw(1));
    await sink.flush().catch(() => undefined); // parked
  };
}

it.each(cases)(
  "'%s' reaches listeners, the logger and its diagnostics channel",
  async (name, level, payload, provoke) => {
    const { published, logged, logger } = listenFor(name);
    const heard: unknown[] = [];
    await provoke(async (options) => {
      const opened = await openSink({ ...options, logger });
      opened.sink.on(name as 'sealed', (event) => heard.push(event));
      return opened;
    });
    await until(() => published.length > 0);
    expect(published[0]).toEqual({ spoolDir: expect.any(String), ...payload });
    if (name !== 'unknown') expect(heard[0]).toEqual(payload); // reported while the sink is opened, before a listener can be added
    const { error, ...rest } = { error: undefined, ...payload };
    const fields = { ...rest, ...(error !== undefined && { err: error }) }; // pino's name for it
    expect(logged).toContainEqual({ level, fields, message: expect.any(String) });
  },
);

it('a listener that throws is logged, and affects neither the write nor other listeners', async () => {
  const { logged, logger } = listenFor('sealed');
  const { sink } = await openSink({ logger });
  let heard = 0;
  sink.on('sealed', () => {
    throw new Error('a bug');
  });
  sink.on('sealed', () => {
    heard += 1;
  });
  await sink.write(to, raw(1));
  await sink.flush();
  expect(heard).toBe(1);
  expect(logged).toContainEqual({
    level: 'error',
    fields: { err: expect.objectContaining({ message: 'a bug' }), event: 'sealed' },
    message: expect.any(String),
  });
});

it('a listener that was removed is not called', async () => {
  const { sink } = await openSink();
  let heard = 0;
  const listener = () => {
    heard += 1;
  };
  sink.on('stored', listener).off('stored', listener);
  await sink.write(to, raw(1));
  await sink.flush();
  expect(heard).toBe(0);
});
