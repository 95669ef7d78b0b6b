import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withoutReader } from '../support/without-reader';

const instance = 'influxdb-0';
let folder: string;

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
  expect(await withoutReader(['check', ...source()])).toEqual({ exitCode: 0, stderr: '' });
  await damageAll();
  expect(await withoutReader(['check', ...source(), '--json'])).toEqual({ exitCode: 4, stderr: '' });
});

it('check keeps its exit code if no one reads its errors either', async () => {
  const outcome = await withoutReader(['check', ...source(), '--no-such-option'], { ofErrors: true });
  expect(outcome).toEqual({ exitCode: 2, stderr: '' });
});

it('cat ends quietly with 0 once its reader has read enough', async () => {
  expect(await withoutReader(['cat', ...source()])).toEqual({ exitCode: 0, stderr: '' });
});
