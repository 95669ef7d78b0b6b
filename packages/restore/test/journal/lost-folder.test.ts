import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountDisk, mountObstacle } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { JournalLock } from '../../src/journal/lock';
import { RejectsFolder } from '../../src/replay/account/rejects';

async function temporaryDirectory(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-lost-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it('a folder for rejected records that is gone, with its volume, is not created again on the disk below', async () => {
  const path = join(await temporaryDirectory(), 'rejects');
  const folder = await RejectsFolder.open(path, { isResume: false });
  await rm(path, { recursive: true });
  const records = folder.file('i/db/rp/20260101/a.gz');
  records.add('LIMIT', Buffer.from('m v=1 1'));
  await expect(records.publish()).rejects.toMatchObject({
    code: 'REJECTS_UNWRITABLE',
    message: expect.stringMatching(/ENOENT.*its volume is mounted.*--rejects-dir/),
  });
  expect(existsSync(path)).toBe(false);
});

const obstacle = await mountObstacle('tmpfs');
it.skipIf(obstacle !== undefined)(
  `a volume of rejected records that is unmounted gets none of them on the disk below${obstacle ? ` (skipped: ${obstacle})` : ''}`,
  async () => {
    const disk = await mountDisk({ kind: 'tmpfs', sizeBytes: 1024 * 1024 });
    onTestFinished(() => disk.remove());
    const folder = await RejectsFolder.open(disk.path, { isResume: false });
    await disk.detach();
    const records = folder.file('i/db/rp/20260101/a.gz');
    records.add('LIMIT', Buffer.from('m v=1 1'));
    await expect(records.publish()).rejects.toMatchObject({
      code: 'REJECTS_UNWRITABLE',
      message: expect.stringMatching(/its volume was unmounted or replaced.*its volume mounted, or choose/),
    });
    const left = await readdir(disk.path, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  },
);

it('what to do about a journal or a folder that cannot be written fits the error of the file system', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, 'file');
  await writeFile(file, '');
  await expect(RejectsFolder.open(join(file, 'rejects'), { isResume: false })).rejects.toMatchObject({
    code: 'REJECTS_UNWRITABLE',
    message: expect.stringMatching(/ENOTDIR.*a part of this one is a file/),
  });
  await expect(JournalLock.take(join(directory, `${'x'.repeat(250)}.journal`), () => undefined)).rejects.toMatchObject({
    code: 'JOURNAL_MISMATCH',
    message: expect.stringMatching(/ENAMETOOLONG.*[Uu]se a shorter path.*--journal-file/),
  });
});
