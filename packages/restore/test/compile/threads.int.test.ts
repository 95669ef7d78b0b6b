import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LocalStorage } from '@ceres/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putFiles } from '../support/backup';
import { startMs, startS } from '../support/ground';

const run = promisify(execFile);
const packageFolder = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ceres-threads-'));
  const storage = new LocalStorage(join(folder, 'backup'));
  await putFiles(storage, [{ database: 'db', openedMs: startMs, lines: `m v=1 ${startS}\n` }]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Compiles the backup in a process of its own; returns how many lines it compiled, and how many threads it started. */
async function compileWith(load: string, out: string): Promise<unknown> {
  const code = `
    (async () => {
      const { compile, planRestore } = ${load};
      const { LocalStorage } = await import('@ceres/storage');
      let threads = 0;
      process.on('worker', () => { threads += 1; });
      const plan = await planRestore({ storage: new LocalStorage('${folder}/backup'), instance: 'src' });
      const options = { out: '${folder}/${out}', rejectsDir: '${folder}/rejects', scratchDir: '${folder}', threads: 3 };
      const { lines } = await compile(plan, options);
      console.log(JSON.stringify({ lines, threads }));
    })();`;
  const { stdout } = await run(process.execPath, ['-e', code], { cwd: packageFolder });
  return JSON.parse(stdout);
}

describe('the package as it is published', () => {
  it('compiles in threads as an ES module and as CommonJS', async () => {
    expect(await compileWith(`await import('@ceres/restore')`, 'esm')).toEqual({ lines: 1, threads: 2 });
    expect(await compileWith(`require('@ceres/restore')`, 'cjs')).toEqual({ lines: 1, threads: 2 });
  });

  it('compiles in its main thread where the file of the threads is missing, as in a program that was bundled', async () => {
    await cp(join(packageFolder, 'dist'), join(folder, 'bundled'), { recursive: true });
    await symlink(join(packageFolder, 'node_modules'), join(folder, 'node_modules'));
    await rm(join(folder, 'bundled', 'worker.js'));
    expect(await compileWith(`require('${folder}/bundled/index.cjs')`, 'alone')).toEqual({ lines: 1, threads: 0 });
  });
});
