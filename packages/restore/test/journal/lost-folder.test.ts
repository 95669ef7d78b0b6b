import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
