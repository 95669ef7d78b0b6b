import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectoriesBelow, makeDirectoryDurable, nodeFileSystem, syncDirectory } from '@ceres/internal';
import { FaultyDisk, FaultyFs } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';

/** Nothing reaches the disk by chance. */
const unlucky = () => 0.99;

const refusals = ['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EBADF'];

async function temporaryDirectory(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-directories-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('a file system that cannot fsync directories', () => {
  it.each(refusals)('is recognized by %s, and everything else goes on', async (errno) => {
    const disk = new FaultyDisk(unlucky);
    disk.lacks = { directoryFsync: errno };
    const fs = new FaultyFs(disk);
    expect(await makeDirectoryDurable(fs, '/a/b')).toBe(false);
    expect(await makeDirectoriesBelow(fs, '/a/b', '/a/b/c/d')).toBe(false);
    expect(await syncDirectory(fs, '/a/b/c/d')).toBe(false);
  });

  it('is not a disk that fails', async () => {
    const disk = new FaultyDisk(unlucky);
    const fs = new FaultyFs(disk);
    await fs.mkdir('/a', { recursive: true });
    disk.fault = ({ operation }) => (operation === 'sync' ? { kind: 'EIO' } : undefined);
    await expect(syncDirectory(fs, '/a')).rejects.toMatchObject({ code: 'EIO' });
  });
});

describe('makeDirectoriesBelow', () => {
  it('makes the names of all directories below the base durable', async () => {
    const disk = new FaultyDisk(unlucky);
    const fs = new FaultyFs(disk);
    await makeDirectoryDurable(fs, '/base');
    expect(await makeDirectoriesBelow(fs, '/base', '/base/a/b')).toBe(true);
    expect(await makeDirectoriesBelow(fs, '/base', '/base/a/b')).toBe(true);
    disk.crash();
    expect(await new FaultyFs(disk).readdir('/base/a')).toEqual(['b']);
  });

  it('never creates the base', async () => {
    const disk = new FaultyDisk(unlucky);
    const fs = new FaultyFs(disk);
    await expect(makeDirectoriesBelow(fs, '/base', '/base/a')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(makeDirectoriesBelow(fs, '/base', '/base')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await fs.readdir('/')).toEqual([]);
  });
});

const isRoot = process.geteuid?.() === 0;
if (!isRoot)
  console.warn('SKIPPED: directories that may be traversed but not read: these tests give up the rights of root');

/** Runs `work` as a user without rights: root may read every directory. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe.runIf(isRoot)(
  'a parent that may be traversed but not read (runs as root only, which can give up its rights)',
  () => {
    async function parentOfMode(mode: number): Promise<string> {
      const folder = await temporaryDirectory();
      await chmod(folder, 0o755);
      const parent = join(folder, 'parent');
      await mkdir(parent);
      await chmod(parent, mode);
      return parent;
    }

    it('does not matter if the directory exists: another user made it', async () => {
      const parent = await parentOfMode(0o711);
      const base = join(parent, 'base');
      await mkdir(base);
      await chown(base, 65_534, 65_534);
      await asNobody(async () => {
        await expect(readdir(parent)).rejects.toMatchObject({ code: 'EACCES' });
        expect(await makeDirectoryDurable(nodeFileSystem, base, join(base, 'a/b'))).toBe(true);
      });
      expect((await lstat(join(base, 'a/b'))).isDirectory()).toBe(true);
    });

    it('may lose the name of a directory that is made in it, which is reported', async () => {
      const parent = await parentOfMode(0o733);
      await asNobody(async () => {
        expect(await makeDirectoryDurable(nodeFileSystem, join(parent, 'base'))).toBe(false);
        expect(await makeDirectoryDurable(nodeFileSystem, join(parent, 'base'))).toBe(true);
      });
    });

    it('refuses a directory that this user may not make, with EACCES', async () => {
      const parent = await parentOfMode(0o711);
      await asNobody(async () => {
        const made = makeDirectoryDurable(nodeFileSystem, join(parent, 'base'));
        await expect(made).rejects.toMatchObject({ code: 'EACCES' });
      });
    });
  },
);
