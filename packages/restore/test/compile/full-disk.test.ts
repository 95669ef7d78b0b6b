import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mountDisk, mountObstacle } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compile } from '../../src/compile/folder/compile';
import { planRestore } from '../../src/plan/plan';
import { type BackupFile, backupOf } from '../support/backup';
import { numbered, startMs } from '../support/ground';
import { openWorkspace } from '../support/workspace';

const KIB = 1024;
const file: BackupFile = { database: 'db', openedMs: startMs, lines: numbered(2_000) };
const obstacle = await mountObstacle('tmpfs');

/** Makes a disk of a size, a plan, and the folders that compiling needs. */
async function ground(sizeBytes: number) {
  const workspace = await openWorkspace();
  onTestFinished(() => workspace.remove());
  const disk = await mountDisk({ kind: 'tmpfs', sizeBytes });
  onTestFinished(() => disk.remove());
  const storage = await backupOf(file);
  const plan = await planRestore({ storage, instance: 'src' });
  const folder = (name: string) => join(workspace.folder, name);
  const options = { out: folder('out'), rejectsDir: folder('rejects'), scratchDir: folder('scratch') };
  await mkdir(options.scratchDir);
  return { disk: disk.path, storage, plan, options, folder };
}

/** Takes all the room of a disk. */
async function fill(path: string): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  await writeFile(join(path, 'filler'), Buffer.alloc(bavail * bsize));
}

describe.skipIf(obstacle !== undefined)(
  `compiling on a disk that becomes full${obstacle ? ` (skipped: ${obstacle})` : ''}`,
  () => {
    it.each([
      ['out', 1, 'OUT_REFUSED', '--out'],
      ['scratchDir', 1, 'SCRATCH_FULL', '--scratch-dir'],
      ['scratchDir', 2, 'SCRATCH_FULL', '--scratch-dir'],
    ] as const)('in %s, with %i threads, says so, and leaves nothing there', async (which, threads, code, option) => {
      const { disk, storage, plan, options, folder } = await ground(4_096 * KIB);
      let isFilling = true;
      // The space is there until the backup is read.
      const get = storage.get.bind(storage);
      storage.get = async function* (...args) {
        if (isFilling) await fill(disk);
        yield* get(...args);
      };
      await expect(compile(plan, { ...options, threads, [which]: disk })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(`ENOSPC.*${option}`),
      });
      isFilling = false;
      expect(await readdir(disk)).toEqual(['filler']);
      expect(await readdir(options.scratchDir)).toEqual([]);
      await rm(join(disk, 'filler'));
      const { lines } = await compile(plan, { ...options, out: folder('again'), [which]: disk });
      expect(lines).toBe(2_000);
    });

    it('is refused before anything is written where the disk has too little room from the start', async () => {
      const { disk, plan, options } = await ground(16 * KIB);
      await expect(compile(plan, { ...options, scratchDir: disk })).rejects.toMatchObject({
        code: 'SCRATCH_FULL',
        message: expect.stringMatching(/needs about \d+ bytes, and has \d+.*--scratch-dir/),
      });
      expect(await readdir(disk)).toEqual([]);
      expect(await readdir(options.out)).toEqual([]);
    });
  },
);
