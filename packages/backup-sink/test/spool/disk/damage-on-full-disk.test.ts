import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, nodeFileSystem } from '@ceres/internal';
import { describe, expect, it } from 'vitest';
import {
  errorOf,
  impatientClock,
  openSink,
  raw,
  storedNumbers,
  temporaryDirectory,
  to,
  until,
} from '../../sink-harness';

/** A directory on a disk that has no room for another file once `isFull` is set. */
function fillableDisk() {
  const noRoom = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const disk = {
    isFull: false,
    lacksLinks: false,
    fs: {
      ...nodeFileSystem,
      open: async (path, flags, mode) => {
        if (disk.isFull && flags.startsWith('w')) throw noRoom();
        return await nodeFileSystem.open(path, flags, mode);
      },
      link: async (from, path) => {
        if (disk.lacksLinks) throw Object.assign(new Error('ENOSYS: link'), { code: 'ENOSYS' });
        await nodeFileSystem.link(from, path);
      },
    } as FileSystem,
  };
  return disk;
}

const folderOf = (spoolDir: string) => join(spoolDir, to.instance, to.database, to.retentionPolicy);

/** Changes the second of three frames. */
function damaged(segment: Buffer): Buffer {
  const bytes = Buffer.from(segment);
  bytes.write('n=7', bytes.indexOf('n=2'));
  return bytes;
}

/** A sink on such a disk, and its open segment of three writes, of which the disk keeps the second one wrong. */
async function damagedSegment() {
  const disk = fillableDisk();
  const opened = await openSink({ fs: disk.fs, clock: impatientClock });
  for (const n of [1, 2, 3]) await opened.sink.write(to, raw(n));
  const folder = folderOf(opened.spoolDir);
  const [name = ''] = await readdir(folder);
  const bytes = damaged(await readFile(join(folder, name)));
  await writeFile(join(folder, name), bytes);
  return { disk, ...opened, folder, name, bytes };
}

describe('a segment that the disk damaged, while that disk is full', () => {
  it('is kept whole under another name, and what stands before the damage is stored', async () => {
    const { disk, sink, storage, folder, bytes } = await damagedSegment();
    disk.isFull = true;
    await sink.flush();
    await until(() => sink.stats().spooledBytes === 0);
    expect(await storedNumbers(storage)).toEqual([1]);
    const [kept = '', ...others] = await readdir(folder);
    expect(others).toEqual([]);
    expect(kept).toMatch(/\.damaged$/);
    expect(await readFile(join(folder, kept))).toEqual(bytes);
  });

  it('is so kept by recovery, too', async () => {
    const { name, bytes } = await damagedSegment();
    const spoolDir = await temporaryDirectory();
    await (await openSink({ spoolDir })).sink.close();
    await mkdir(folderOf(spoolDir), { recursive: true });
    await writeFile(join(folderOf(spoolDir), name), bytes);

    const disk = fillableDisk();
    disk.isFull = true;
    const { sink, storage } = await openSink({ fs: disk.fs, spoolDir, clock: impatientClock });
    await sink.flush();
    await until(() => sink.stats().spooledBytes === 0);
    expect(await storedNumbers(storage)).toEqual([1]);
    const [kept = '', ...others] = await readdir(folderOf(spoolDir));
    expect(others).toEqual([]);
    expect(kept).toBe(name.replace('.lp.open', '.damaged'));
    expect(await readFile(join(folderOf(spoolDir), kept))).toEqual(bytes);
  });

  it('waits for room where there are no hard links, and loses nothing of what stands before the damage', async () => {
    const { disk, sink, storage, folder } = await damagedSegment();
    disk.isFull = true;
    disk.lacksLinks = true;
    expect(await errorOf(sink.flush({ signal: AbortSignal.timeout(100) }))).toBeInstanceOf(DOMException);
    expect(String(sink.stats().lastError)).toContain('ENOSPC');
    expect(await storedNumbers(storage)).toEqual([]);
    disk.isFull = false;
    await sink.flush();
    expect(await storedNumbers(storage)).toEqual([1]);
    expect(await readFile(join(folder, (await readdir(folder))[0] ?? ''), 'utf8')).toContain('n=7');
  });
});
