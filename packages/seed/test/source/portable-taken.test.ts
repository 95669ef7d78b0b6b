import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolders, unpack } from '../../../tsm/test/fixtures/unpack';
import { openSeedSource } from '../../src/index';

const folder = temporaryFolders();

/** Copies the backup in a folder under another time. Its archives are the ones that count, since theirs is the highest `lastModified`. */
async function copyAs(path: string, stamp: string): Promise<void> {
  for (const name of await readdir(path)) {
    const to = join(path, name.replace(/^\w+/, stamp));
    if (!name.endsWith('.manifest')) {
      await copyFile(join(path, name), to);
      continue;
    }
    const text = (await readFile(join(path, name), 'utf8')).replaceAll(/\d{8}T\d{6}Z/g, stamp);
    await writeFile(to, text.replaceAll('"lastModified": 0', '"lastModified": 1'));
  }
}

it('a seed of several backups in one folder is as old as the one that its shards are read from', async () => {
  const path = await unpack('backup-1.6.7-inmem.tar', await folder());
  const { takenMs } = await openSeedSource(path);
  expect(takenMs).toBeGreaterThan(Date.UTC(2020));
  await copyAs(path, '20200101T000000Z');
  expect((await openSeedSource(path)).takenMs).toBe(Date.UTC(2020));
});
