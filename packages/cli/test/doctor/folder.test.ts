import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { ceres } from '../support/in-process';
import { examine } from './support';

const folder = mkdtempSync(join(tmpdir(), 'ceres-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('says of a folder that creates are safe in it, and that no folder separates the rights of a thief', async () => {
  const report = await examine(folder);
  expect(report).toMatchObject({ kinds: ['folder-rights'], untested: [], exitCode: 4 });
  expect(report.findings[0]?.remedy).toContain('bucket');
  expect(await examine(folder, '--accept', 'folder-rights')).toMatchObject({ isGood: true, exitCode: 0 });
  expect(readdirSync(join(folder, '~doctor'))).toHaveLength(4);
  const { stdout } = await ceres(['doctor', folder]);
  expect(stdout).toMatch(/create again +refused: it exists\n8 creates at once +1 winner/);
  // Canaries are no part of a backup.
  expect((await ceres(['ls', folder])).stderr).toContain('Found no file of a backup');
});

it('does not make a folder whose path may be mistyped', async () => {
  const missing = join(folder, 'missing');
  const report = await examine(missing);
  expect(report).toMatchObject({ kinds: ['missing-bucket'], canaries: [], exitCode: 4 });
  expect(report.findings[0]?.remedy).toContain('Check the path');
  expect(existsSync(missing)).toBe(false);
});

it('with --reader, finds nothing wrong with a folder', async () => {
  const { kinds } = await examine(folder, '--reader');
  expect(kinds).toEqual(['create-allowed']);
});

it('says of an adapter of other people what it cannot try', async () => {
  const path = join(folder, 'adapter.mjs');
  const storage = pathToFileURL(join(import.meta.dirname, '../../../storage/src/index.ts')).href;
  writeFileSync(path, `import { MemoryStorage } from '${storage}';\nexport const fromUrl = () => new MemoryStorage();`);
  const report = await examine('memory://x', '--storage-package', path);
  expect(report.kinds).toEqual(['list-allowed', 'reads-own']);
  expect(report.untested).toEqual([
    'overwriting, deleting and the clock: the adapter of this store offers no entry /doctor',
  ]);
  for (const { remedy } of report.findings) expect(remedy).not.toContain('ceres policy');
});
