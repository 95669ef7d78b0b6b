import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LastWrites } from '../../src/verify/digest/last-writes';
import { openWorkspace, type Workspace } from '../support/workspace';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await openWorkspace();
});
afterEach(() => workspace.remove());

it('names the folder that cannot hold the writes, and the option that names another', async () => {
  const writes = new LastWrites(join(workspace.folder, 'missing'));
  for (let i = 0; i < 4_096; i += 1) writes.add(i, 0, i, i, 0, 0);
  await expect(writes.spill()).rejects.toMatchObject({
    name: 'RestoreError',
    code: 'INVALID_OPTIONS',
    message: expect.stringMatching(/missing.*ENOENT.*--scratch-dir/),
  });
  await writes.remove();
});

it('visits the last write of each value, even if earlier writes went to the disk', async () => {
  const writes = new LastWrites(workspace.folder);
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 4_096; i += 1) writes.add(i, 256 * i, round, i, 1, -1);
    await writes.spill();
  }
  const visited = new Map<number, readonly number[]>();
  await writes.visitLast((column, minute, hi, lo) => visited.set(lo, [column, minute, hi]));
  await writes.remove();
  expect(visited.size).toBe(4_096);
  expect([...visited.values()]).toEqual(Array.from({ length: 4_096 }, () => [1, -1, 2]));
});
