import { randomBytes } from 'node:crypto';
import { appendFile, open, readdir, readFile, readlink, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryStorage } from '@ceres/storage';
import { mountDisk, mountObstacle, startProgram } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BackupSink } from '../../../src/index';
import { errorOf, openSink, raw, storedNumbers, storedTexts, to } from '../../sink-harness';

const main = new URL('../../lifetime/writing-until-signal.ts', import.meta.url);
const obstacle = await mountObstacle('tmpfs');

/** Mounts a small disk in memory, and lets a sink write on it until it is killed. */
async function killedSink({ inodesMax = 400, folder = 'spool', acks = 200 } = {}) {
  const disk = await mountDisk({ kind: 'tmpfs', sizeBytes: 2 * 1024 * 1024, inodesMax });
  onTestFinished(() => disk.remove());
  const spoolDir = join(disk.path, folder);
  const program = await startProgram(main, { SPOOL_DIR: spoolDir, STALLED: '1', TIMEOUT_MS: '0' });
  onTestFinished(() => program.remove());
  await program.printed(new RegExp(`acked ${acks};`));
  program.signal('SIGKILL');
  const acked = [...(await program.exited).matchAll(/acked (\d+);/g)].map((match) => Number(match[1]));
  return { path: disk.path, spoolDir, acked };
}

/** Leaves no inode and no byte on the disk; resolves with the directory that holds them. */
async function fill(path: string): Promise<string[]> {
  const made: string[] = [];
  for (let n = 0; await succeeds(writeFile(join(path, `filler-${n}`), '')); n += 1)
    made.push(join(path, `filler-${n}`));
  const file = await open(made[0] ?? (await formatFile(path)), 'a');
  const page = Buffer.alloc(4096);
  while (await succeeds(file.write(page))); // a short write is followed by one that fails
  await file.close();
  return made;
}

/** Returns the file that marks the format by its name: its content means nothing. */
async function formatFile(path: string): Promise<string> {
  const names = await readdir(join(path, '~spool'));
  return join(path, '~spool', names.find((name) => name.startsWith('format-')) ?? '');
}

async function succeeds(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
    return false;
  }
}

async function reserveOf(spoolDir: string): Promise<string[]> {
  return (await readdir(join(spoolDir, '~spool'))).filter((name) => name.startsWith('reserve-'));
}

describe.skipIf(obstacle !== undefined)(`a spool on a full disk${obstacle ? ` (skipped: ${obstacle})` : ''}`, () => {
  it('opens and drains without a free byte or inode after its sink was killed, and reserves again what that took', async () => {
    const { path, spoolDir, acked } = await killedSink();
    expect(await reserveOf(spoolDir)).toHaveLength(4);
    const filler = await fill(path);

    for (let opened = 0; opened < 3; opened += 1) {
      const { sink, storage } = await openSink({ spoolDir, storage: new MemoryStorage() });
      if (opened === 0) {
        await sink.flush();
        const stored = new Set(await storedNumbers(storage));
        expect(acked.filter((n) => !stored.has(n))).toEqual([]);
        await appendFile(filler[0] ?? '', Buffer.alloc(1024 * 1024)).catch(() => undefined); // takes what draining freed
      }
      expect(await sink.close()).toEqual({ unstoredFiles: 0 });
    }
    for (const file of filler) await rm(file);
    const { sink } = await openSink({ spoolDir });
    expect(await reserveOf(spoolDir)).toHaveLength(4);
    await sink.close();
    expect(await reserveOf(spoolDir)).toHaveLength(4);
  });

  it('opens and drains without a free byte if its reserve is gone, too', async () => {
    const { path, spoolDir, acked } = await killedSink();
    for (const name of await reserveOf(spoolDir)) await rm(join(spoolDir, '~spool', name));
    const filler = await fill(path);
    await rm(filler.at(-1) ?? ''); // an inode, which tmpfs wants for a link

    const { sink, storage } = await openSink({ spoolDir, storage: new MemoryStorage() });
    await sink.flush();
    const stored = new Set(await storedNumbers(storage));
    expect(acked.filter((n) => !stored.has(n))).toEqual([]);
  });

  it('opens and drains with so few inodes that none was left for a reserve', async () => {
    const { path, spoolDir, acked } = await killedSink({ inodesMax: 10, folder: '', acks: 5 }); // one segment takes the last
    expect(await reserveOf(spoolDir)).toEqual([]);
    await fill(path);
    const { sink, storage } = await openSink({ spoolDir, storage: new MemoryStorage() });
    await sink.flush();
    const stored = new Set(await storedNumbers(storage));
    expect(acked.filter((n) => !stored.has(n))).toEqual([]);
    await sink.close();
    expect(await readdir(join(spoolDir, '~spool'))).toContain('format-1');
  });

  it('renews the lease of its owner, and a rival that is refused takes nothing of the reserve', async () => {
    const disk = await mountDisk({ kind: 'tmpfs', sizeBytes: 1024 * 1024, inodesMax: 200 });
    onTestFinished(() => disk.remove());
    const spoolDir = join(disk.path, 'spool');
    const { sink } = await openSink({ spoolDir });
    await sink.close();
    await fill(disk.path);

    const owner = await openSink({ spoolDir });
    const reserved = await reserveOf(spoolDir);
    expect(reserved.length).toBeGreaterThan(0);
    for (let n = 0; n < 5; n += 1) {
      const rival = BackupSink.open({ storage: new MemoryStorage(), spoolDir, precision: 's' });
      expect(await errorOf(rival)).toMatchObject({ code: 'SPOOL_LOCKED' });
    }
    // The owner may take a part for its lease, and makes another.
    await vi.waitFor(async () => expect(await reserveOf(spoolDir)).toHaveLength(reserved.length), 60_000);

    const names = await readdir(join(spoolDir, '~spool'));
    const counter = join(spoolDir, '~spool', names.find((name) => name.startsWith('beat-')) ?? '');
    const before = await readFile(counter, 'utf8');
    await vi.waitFor(async () => expect(await readFile(counter, 'utf8')).not.toBe(before), 60_000);
    await owner.sink.close();
  });

  it('is left with no open file and no lost slot when the room ends in the middle of compressing', async () => {
    const disk = await mountDisk({ kind: 'tmpfs', sizeBytes: 24 * 1024 * 1024, inodesMax: 100 });
    onTestFinished(() => disk.remove());
    const { sink, storage } = await openSink({ spoolDir: join(disk.path, 'spool'), gzipLevel: 1 });
    const databases = ['a', 'b', 'c'];
    const noise = () => randomBytes(64 * 1024).toString('hex');
    const lines = () => Array.from({ length: 16 }, (_, n) => `m v="${noise()}" ${n}\n`).join('');
    await Promise.all(databases.map((database) => sink.write({ ...to, database }, { lines: lines(), precision: 's' })));
    const [filler = ''] = await fill(disk.path);
    await truncate(filler, (await stat(filler)).size - 400 * 1024); // zlib's first output fits, and its second does not

    await sink.flush();
    expect(await storedTexts(storage)).toHaveProperty('size', databases.length);
    const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
    expect((await Promise.all(links)).filter((path) => path.startsWith(join(disk.path, 'spool', to.instance)))).toEqual(
      [],
    );
    await truncate(filler, 0);
    await sink.write(to, raw(1));
    expect(await sink.close()).toEqual({ unstoredFiles: 0 });
  });
});
