import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LocalStorage, MemoryStorage } from '@ceres/storage';
import { mountDisk, mountObstacle } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';
import type { SinkError } from '../../src/index';
import { errorOf, line, openSink, storedNumbers, temporaryDirectory, until } from '../sink-harness';

const run = promisify(execFile);
const MiB = 1024 * 1024;
const obstacle = (await mountObstacle('tmpfs')) ?? (await mountObstacle('ext4'));
const reason = obstacle === undefined ? '' : ` (skipped: ${obstacle})`;

async function mounted(kind: 'tmpfs' | 'ext4') {
  const disk = await mountDisk({ kind, sizeBytes: 32 * MiB });
  onTestFinished(() => disk.remove());
  return disk;
}

/** A storage that takes nothing, so that every acked line stays in the spool. */
class StalledStorage extends MemoryStorage {
  override put(): Promise<never> {
    return new Promise(() => undefined);
  }
}

/** Writes into eight partitions at full speed, one file for every few writes. */
async function writeUnderLoad(spoolDir: string) {
  const { sink } = await openSink({ spoolDir, storage: new StalledStorage(), segmentBytesMax: 1024 });
  const acked: number[] = [];
  const errors: SinkError[] = [];
  let next = 0;
  let isWriting = true;
  const write = async (partition: number) => {
    while (isWriting) {
      const n = next++;
      const to = { instance: 'i', database: `db${partition}` };
      try {
        await sink.write(to, { lines: line(n, `text="${'x'.repeat(200)}"`), precision: 's' });
        acked.push(n);
      } catch (error) {
        errors.push(error as SinkError);
        await pause(1);
      }
    }
  };
  const writers = Array.from({ length: 8 }, (_, partition) => write(partition));
  const stop = async () => {
    isWriting = false;
    await Promise.all(writers);
    await sink.close({ timeoutMs: 0 });
  };
  return { acked, errors, stop };
}

/** Opens a sink on the same volume, mounted elsewhere, and returns what it stores. */
async function numbersOn(spoolDir: string): Promise<Set<number>> {
  const { sink, storage } = await openSink({ spoolDir });
  await sink.flush();
  await sink.close();
  return new Set(await storedNumbers(storage));
}

it.skipIf(obstacle !== undefined).each([
  ['tmpfs', 'the mount point', '.'],
  ['tmpfs', 'a directory on it', 'spool'],
  ['ext4', 'a directory on it', 'spool'],
] as const)(
  `a volume (%s) that goes away under load, with the spool in %s, leaves no acked line and no file on the disk below${reason}`,
  async (kind, _, folder) => {
    const disk = await mounted(kind);
    const second = join(await temporaryDirectory(), 'second');
    await mkdir(second);
    await run('mount', ['--bind', disk.path, second]);
    onTestFinished(async () => void (await run('umount', ['-l', second])));

    const { acked, errors, stop } = await writeUnderLoad(join(disk.path, folder));
    await until(() => acked.length > 20);
    await disk.detach();
    await until(() => errors.length > 0);
    await pause(400);
    await stop();

    expect(await readdir(disk.path)).toEqual([]);
    for (const { code, message } of errors) {
      expect(code).toMatch(/^SPOOL_(UNWRITABLE|LOCKED)$/);
      expect(message).toMatch(/unmounted|volume is mounted/);
    }
    const kept = await numbersOn(join(second, folder));
    expect(acked.filter((n) => !kept.has(n))).toEqual([]);
  },
);

it.skipIf(obstacle !== undefined)(
  `no write is acked on the disk below a lost volume, even if that disk holds a spool of the same partitions${reason}`,
  async () => {
    const lower = await mounted('ext4');
    const spoolDir = join(lower.path, 'spool');
    await (await writeUnderLoad(spoolDir)).stop();
    const before = await numbersOn(spoolDir);

    await run('mount', ['-t', 'tmpfs', '-o', `size=${32 * MiB}`, 'ceres-test', lower.path]);
    let isUpperThere = true;
    const dropUpper = async () => {
      if (isUpperThere) await run('umount', ['-l', lower.path]);
      isUpperThere = false;
    };
    onTestFinished(dropUpper);
    const { acked, errors, stop } = await writeUnderLoad(spoolDir);
    await until(() => acked.length > 20);
    await dropUpper();
    await until(() => errors.length > 0);
    await pause(300);
    await stop();

    expect(errors.map(({ message }) => message).join('\n')).toMatch(/unmounted/);
    const below = await numbersOn(spoolDir);
    expect([...below].filter((n) => !before.has(n))).toEqual([]);
  },
);

it.skipIf(obstacle !== undefined)(
  `a LocalStorage whose volume goes away refuses puts, creates nothing below, and goes on once it is back${reason}`,
  async () => {
    const disk = await mounted('tmpfs');
    const second = join(await temporaryDirectory(), 'second');
    await mkdir(second);
    await run('mount', ['--bind', disk.path, second]);
    onTestFinished(async () => void (await run('umount', ['-l', second])));

    const storage = new LocalStorage(join(disk.path, 'bucket'));
    const body = (text: string) => ({
      sizeBytes: text.length,
      open: async function* () {
        yield Buffer.from(text);
      },
    });
    await storage.put('i/db/rp/1.gz', body('one'));
    await disk.detach();
    for (const key of ['i/db/rp/2.gz', 'i/new/rp/3.gz', 'i/db/rp/2.gz']) {
      expect(await errorOf(storage.put(key, body('two')))).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    }
    expect(String(await errorOf(storage.put('i/db/rp/2.gz', body('two'))))).toMatch(/volume was unmounted/);
    expect(await readdir(disk.path)).toEqual([]);

    await run('mount', ['--bind', second, disk.path]);
    onTestFinished(async () => void (await run('umount', ['-l', disk.path])));
    expect(await storage.put('i/db/rp/2.gz', body('two'))).toBe('created');
    expect(existsSync(join(second, 'bucket/i/db/rp/2.gz'))).toBe(true);
  },
);

it.skipIf(obstacle !== undefined)(
  `a LocalStorage puts nothing on the disk below a lost volume, even if that disk holds a bucket${reason}`,
  async () => {
    const lower = await mounted('ext4');
    const bucket = join(lower.path, 'bucket');
    const body = {
      sizeBytes: 1,
      open: async function* () {
        yield Buffer.from('x');
      },
    };
    await new LocalStorage(bucket).put('i/1', body);
    await run('mount', ['-t', 'tmpfs', '-o', `size=${MiB}`, 'ceres-test', lower.path]);
    let isUpperThere = true;
    const dropUpper = async () => {
      if (isUpperThere) await run('umount', ['-l', lower.path]);
      isUpperThere = false;
    };
    onTestFinished(dropUpper);
    const storage = new LocalStorage(bucket);
    await storage.put('i/2', body);
    await dropUpper();
    expect(await errorOf(storage.put('i/3', body))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await readdir(join(bucket, 'i'))).toEqual(['1']);
  },
);
