import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Journal } from '../../src/journal/journal';
import { DoneQueue } from '../../src/replay/account/done-queue';
import type { FileInFlight } from '../../src/replay/account/file-in-flight';
import { RejectsFolder } from '../../src/replay/account/rejects';
import { openWorkspace, type Workspace } from '../support/workspace';

const key = 'src/db/~default/20240110/a.gz';
const record = Buffer.from('m v=oops 1');

describe('RejectsFolder', () => {
  let workspace: Workspace;
  let published: string;
  beforeEach(async () => {
    workspace = await openWorkspace();
    published = join(workspace.rejectsDir, key.replace('.gz', '.rejects'));
  });
  afterEach(() => workspace.remove());

  /** Replays the file once. */
  const replayed = async (isResume: boolean, rejected: number, end: 'publish' | 'abandon') => {
    const rejects = (await RejectsFolder.open(workspace.rejectsDir, { isResume })).file(key);
    for (let i = 0; i < rejected; i += 1) rejects.add('UNPARSEABLE', record);
    await rejects[end]();
  };
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );

  it.each(['publish', 'abandon'] as const)(
    'removes records that were rejected before a kill (%s) and restored by a resume',
    async (end) => {
      await replayed(false, 2, end);
      expect([await exists(published), await exists(`${published}.part`)]).toEqual([
        end === 'publish',
        end === 'abandon',
      ]);
      await replayed(true, 0, 'publish');
      expect([await exists(published), await exists(`${published}.part`)]).toEqual([false, false]);
    },
  );

  it('replaces the records rejected before a kill with those rejected now', async () => {
    await replayed(false, 2, 'publish');
    await replayed(true, 1, 'publish');
    expect(await readFile(published, 'utf8')).toBe('# CERES-REASON: code=UNPARSEABLE bytes=10\nm v=oops 1\n');
  });

  it('leaves the rejected records of another restore', async () => {
    await replayed(false, 2, 'publish');
    await replayed(false, 0, 'publish');
    expect(await exists(published)).toBe(true);
  });
});

describe('DoneQueue', () => {
  it('abandons every file, and does not fail if one of them cannot be written', async () => {
    const queue = new DoneQueue(undefined as unknown as Journal, () => undefined);
    const abandoned: string[] = [];
    for (const name of ['a', 'b']) {
      const abandon = async () => {
        abandoned.push(name);
        throw new Error('the disk is full');
      };
      queue.add({ rejects: { abandon } } as unknown as FileInFlight);
    }
    await expect(queue.abandon()).resolves.toBeUndefined();
    expect(abandoned).toEqual(['a', 'b']);
  });
});
