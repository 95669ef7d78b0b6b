import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisProcess } from '@ceres/internal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkFolder } from '../../src/journal/work-folder';

describe('a work folder', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ceres-seed-work-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  it('has one owner at a time, and loses what an earlier run has left there but for its journal', async () => {
    const path = join(root, 'new', 'folder');
    const folder = await WorkFolder.take(path);
    await writeFile(folder.packed('an-id'), 'half');
    await writeFile(folder.journal, '');
    await expect(WorkFolder.take(path)).rejects.toMatchObject({ code: 'WORK_FOLDER' });
    await folder.release();
    const next = await WorkFolder.take(path);
    expect((await readdir(path)).sort()).toEqual(['journal', 'lock']);
    await next.release();
  });

  it('is taken from an owner that is dead', async () => {
    const path = join(root, 'left');
    await (await WorkFolder.take(path)).release();
    await writeFile(join(path, 'lock'), JSON.stringify({ ...thisProcess(), pid: 2 ** 30, startedTicks: '1' }));
    const folder = await WorkFolder.take(path);
    await folder.release();
    expect(await readdir(path)).toEqual([]);
    await folder.removeIfEmpty();
    expect(await readdir(root)).not.toContain('left');
  });

  it('that cannot be made is refused with a remedy', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(WorkFolder.take(join(root, 'file', 'below'))).rejects.toMatchObject({
      code: 'WORK_FOLDER',
      message: expect.stringContaining('--work-dir'),
    });
  });
});
