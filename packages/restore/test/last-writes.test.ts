import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LastWrites } from '../src/verify/digest/last-writes';
import { openWorkspace, type Workspace } from './support/workspace';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.remove());

it('says which folder cannot hold the values, and how to name another', async () => {
  const entries = new LastWrites(join(workspace.folder, 'not-there'));
  for (let i = 0; i < 4_096; i += 1) entries.add(i, 0, i, i, 0, 0);
  await expect(entries.spill()).rejects.toMatchObject({
    name: 'RestoreError',
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(/not-there.*ENOENT.*--scratch/),
  });
  await entries.remove();
});

it('tells the last write of each value, also of those that went to the disk', async () => {
  const entries = new LastWrites(workspace.folder);
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 4_096; i += 1) entries.add(i, 256 * i, round, i, 1, -1);
    await entries.spill();
  }
  const told = new Map<number, readonly number[]>();
  await entries.survivors((column, minute, hi, lo) => told.set(lo, [column, minute, hi]));
  await entries.remove();
  expect(told.size).toBe(4_096);
  expect([...told.values()]).toEqual(Array.from({ length: 4_096 }, () => [1, -1, 2]));
});
