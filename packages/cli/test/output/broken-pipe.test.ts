import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { compileCeres } from '../support/compiled';
import { withoutReader } from '../support/without-reader';

const instance = 'influxdb-0';
let programs: string;
let program: string;
let folder: string;

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'ceres-program-'));
  program = await compileCeres(programs);
});
afterAll(() => rm(programs, { recursive: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ceres-pipe-'));
  const storage = new LocalStorage(join(folder, 'backup'));
  const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's' });
  const lines = Array.from({ length: 50_000 }, (_, i) => `m v=${i} ${1_700_000_000 + i}\n`).join('');
  await sink.write({ instance, database: 'db_0' }, { lines, precision: 's' });
  await sink.close();
});
afterEach(() => rm(folder, { recursive: true }));

async function damageAll(): Promise<void> {
  for (const name of await readdir(join(folder, 'backup'), { recursive: true })) {
    if (name.endsWith('.gz')) await writeFile(join(folder, 'backup', name), 'no gzip');
  }
}

const source = () => [`file://${folder}/backup`, '--instance', instance];

it('check keeps its exit code if no one reads its output', async () => {
  expect(await withoutReader(program, ['check', ...source()])).toEqual({ exitCode: 0, stderr: '' });
  await damageAll();
  expect(await withoutReader(program, ['check', ...source(), '--json'])).toEqual({ exitCode: 4, stderr: '' });
});

it('check keeps its exit code if no one reads its errors either', async () => {
  const outcome = await withoutReader(program, ['check', ...source(), '--no-such-option'], { ofErrors: true });
  expect(outcome).toEqual({ exitCode: 2, stderr: '' });
});

it('cat ends quietly with 0 once its reader has read enough', async () => {
  expect(await withoutReader(program, ['cat', ...source()])).toEqual({ exitCode: 0, stderr: '' });
});
