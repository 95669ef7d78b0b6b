import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { nodeFileSystem, thisProcess } from '@ceres/internal';
import { expect, it, onTestFinished } from 'vitest';
import { BackupSink, type SinkError } from '../../src/index';
import { acquireLock } from '../../src/lock/acquire-lock';
import type { Owner } from '../../src/lock/lock-files';
import { uuidMs } from '../../src/spool/names';
import { errorOf, openSink, raw, storedTexts, temporaryDirectory, to, until } from '../sink-harness';

/** Short enough for a test, in the proportions of the real times. */
const times = { renewalMs: 20, leaseMs: 50, staleMs: 160 };
const self = { token: 'self', sinceMs: 0, ...thisProcess() };

async function lockFolder(owner?: Partial<Owner>): Promise<string> {
  const folder = await temporaryDirectory();
  if (owner !== undefined)
    await writeFile(join(folder, 'lock-000000007'), JSON.stringify({ ...self, token: 'old', ...owner }));
  return folder;
}

async function acquire(folder: string, onLost: (error: SinkError) => void = () => undefined) {
  const lock = await acquireLock(nodeFileSystem, folder, onLost, { times });
  onTestFinished(() => lock.release());
  return lock;
}

it('one spool has one sink: a second one is refused, and the error names the process', async () => {
  const { spoolDir, storage } = await openSink();
  const error = await errorOf(BackupSink.open({ storage, spoolDir, precision: 's' }));
  expect(error).toMatchObject({ code: 'SPOOL_LOCKED' });
  expect(String(error)).toContain(`pid ${process.pid} on host ${hostname()}`);
});

it('a closed sink leaves the spool to the next one', async () => {
  const { sink, spoolDir, storage } = await openSink();
  await sink.close();
  await openSink({ spoolDir, storage });
});

it('of many sinks that want a free spool at once, one gets it', async () => {
  const folder = await lockFolder({ pid: 2 ** 22 + 1 });
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => acquire(folder)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'SPOOL_LOCKED' });
  }
});

it('an owner that was killed is known to be gone at once, although its pid is in use again', async () => {
  await acquire(await lockFolder({ startedTicks: '1' }));
});

it('an owner whose spool was taken over while it stood still notices before it acks, and stops', async () => {
  const { sink, spoolDir } = await openSink();
  await sink.write(to, raw(1));
  const lost = new Promise((resolve) => sink.on('lost', resolve));
  const own = join(spoolDir, '~spool');
  await writeFile(join(own, 'lock-000000099'), JSON.stringify({ ...self, token: 'other' }));

  await new Promise((resolve) => setTimeout(resolve, 50));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_600); // stands still for longer than its lease
  expect(await errorOf(sink.write(to, raw(2)))).toMatchObject({ code: 'SPOOL_LOCKED' });
  await lost;
  expect(await errorOf(sink.write(to, raw(3)))).toMatchObject({ code: 'SPOOL_LOCKED' });
  await sink.close();
  expect(await readdir(own)).toContain('lock-000000099');
});

it('a sink whose spool directory was removed acks no more writes', async () => {
  const { sink, spoolDir } = await openSink();
  let isLost = false;
  sink.on('lost', () => {
    isLost = true;
  });
  await rm(spoolDir, { recursive: true });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_600);
  expect(await errorOf(sink.write(to, raw(1)))).toMatchObject({
    code: expect.stringMatching(/^SPOOL_(UNWRITABLE|LOCKED)$/),
  });
  await until(() => isLost);
  expect(await errorOf(sink.write(to, raw(1)))).toMatchObject({ code: 'SPOOL_LOCKED' });
  expect(existsSync(spoolDir)).toBe(false);
});

it('a copy of a spool in use can be opened, and what both hold is stored for both', async () => {
  const { sink, spoolDir, storage } = await openSink();
  await sink.write(to, raw(1, 2));
  const copy = join(await temporaryDirectory(), 'copy');
  await cp(spoolDir, copy, { recursive: true });
  await sink.write(to, raw(3));
  const { sink: second } = await openSink({ spoolDir: copy, storage });
  await second.flush();
  await sink.flush();
  const sizes = [];
  for await (const { key } of storage.list('')) sizes.push(key);
  expect(sizes).toHaveLength(2);
});

it('a lock file that a crash of the host left empty has no owner', async () => {
  const folder = await lockFolder();
  await writeFile(join(folder, 'lock-000000003'), '');
  await acquire(folder);
  expect(JSON.parse(await readFile(join(folder, 'lock-000000004'), 'utf8'))).toMatchObject({ pid: process.pid });
});

it('a new owner leaves the claims of rivals alone', async () => {
  const folder = await lockFolder();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'claim-rival'), '{}');
  await acquire(folder);
  expect(await readdir(folder)).toContain('claim-rival');
});

it('new names sort after those that the last owner issued while this sink waited for the lock', async () => {
  const { sink, spoolDir, storage } = await openSink();
  await sink.close();
  const own = join(spoolDir, '~spool');
  const lastMs = Date.now() + 3_600_000; // the last owner's clock ran an hour ahead
  const link = async (from: string, at: string) => {
    for (const name of await readdir(own)) {
      if (name.startsWith('last-name-'))
        await rename(join(own, name), join(own, `last-name-${String(lastMs).padStart(15, '0')}`));
    }
    await nodeFileSystem.link(from, at);
  };
  const second = await openSink({ spoolDir, storage, fs: { ...nodeFileSystem, link } });
  await second.sink.write(to, raw(1));
  await second.sink.flush();
  const [key = ''] = [...(await storedTexts(storage)).keys()];
  expect(uuidMs(key.slice(-39, -3))).toBeGreaterThan(lastMs);
});
