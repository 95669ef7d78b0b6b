import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { compile } from '../../src/compile/folder/compile';
import { planRestore } from '../../src/plan/plan';
import { backupOf } from '../support/backup';
import { startMs, startS } from '../support/ground';
import { openWorkspace } from '../support/workspace';

const run = promisify(execFile);
const WEEK_S = 7 * 86_400;

it('A folder that compiling makes holds TSM files and no tombstone, although points were written twice and refused', async () => {
  const workspace = await openWorkspace();
  onTestFinished(() => workspace.remove());
  const lines = [`m v=1 ${startS}`, `m v=2 ${startS}`, `m v="text" ${startS + 1}`, `m v=3 ${startS + WEEK_S}`];
  const storage = await backupOf({ database: 'db', openedMs: startMs, lines: `${lines.join('\n')}\n` });
  const folder = (name: string) => join(workspace.folder, name);
  const out = folder('out');
  const plan = await planRestore({ storage, instance: 'src' });
  await compile(plan, { out, rejectsDir: folder('rejects'), scratchDir: workspace.folder });

  const names = await readdir(out);
  const archives = names.filter((name) => name.endsWith('.tar.gz'));
  expect(names.filter((name) => !/\.(?:manifest|meta|tar\.gz)$/.test(name))).toEqual([]);
  expect(archives).toHaveLength(2);
  for (const name of archives) {
    const { stdout } = await run('tar', ['-tzf', join(out, name)]);
    expect(stdout).toMatch(/^(?:db\/autogen\/\d+\/\d{9}-\d{9}\.tsm\n)+$/);
  }
});
