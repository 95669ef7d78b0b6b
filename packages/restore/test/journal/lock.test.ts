import { spawnSync } from 'node:child_process';
import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { thisProcess } from '@ceres/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalLock } from '../../src/journal/lock';
import { openWorkspace, type Workspace } from '../support/workspace';

describe('JournalLock', () => {
  let workspace: Workspace;
  const lost: Error[] = [];
  const take = () => JournalLock.take(workspace.journalFile, (error) => lost.push(error));
  const leave = (owner: object) => writeFile(`${workspace.journalFile}.lock-other`, JSON.stringify(owner));
  const files = () => readdir(dirname(workspace.journalFile));

  beforeEach(async () => {
    workspace = await openWorkspace();
    lost.length = 0;
  });
  afterEach(() => workspace.remove());

  it('is refused while another restore has it, naming the owner, and is free once it is released', async () => {
    const lock = await take();
    await expect(take()).rejects.toMatchObject({
      code: 'JOURNAL_MISMATCH',
      message: expect.stringContaining(`in use by pid ${process.pid} on host`),
    });
    await lock.release();
    await (await take()).release();
    expect(await files()).toEqual([]);
  });

  it('is taken over from a dead process or thread, even if another process has its pid now', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const self = thisProcess();
    for (const gone of [
      { ...self, pid, startedTicks: '1' },
      { ...self, startedTicks: '1' },
      { ...self, thread: { id: 2 ** 22 + 1, startedTicks: '1' } },
    ]) {
      await leave(gone);
      const lock = await take();
      expect(await files()).toHaveLength(1);
      await lock.release();
    }
  });

  it('stays with a process that cannot be seen from here for as long as that one renews it', async () => {
    await leave({ ...thisProcess(), bootId: 'another boot' });
    const path = `${workspace.journalFile}.lock-other`;
    const renewing = setInterval(() => utimes(path, new Date(), new Date()), 200);
    await expect(take()).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
    clearInterval(renewing);
    await (await take()).release();
    expect(await files()).toEqual([]);
  });

  it('reports to its owner that another process removed it', async () => {
    const lock = await take();
    const other = (await files())[0] ?? '';
    await rm(`${dirname(workspace.journalFile)}/${other}`);
    await expect.poll(() => lost.length, { timeout: 10_000 }).toBe(1);
    await lock.release();
  }, 20_000);

  it('reports a folder that cannot be written', async () => {
    await writeFile(workspace.journalFile, '');
    const below = JournalLock.take(`${workspace.journalFile}/below`, () => undefined);
    await expect(below).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
  });
});
