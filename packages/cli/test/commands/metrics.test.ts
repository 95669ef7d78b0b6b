import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { expect, it, onTestFinished } from 'vitest';
import { ceres } from '../support/in-process';

it('prints metrics as Prometheus reads them, or writes them into a file, also for a backup that is not good', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-metrics-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const bucket = join(folder, 'bucket');
  const sink = await BackupSink.open({
    storage: new LocalStorage(bucket),
    spoolDir: join(folder, 'spool'),
    precision: 's',
  });
  await sink.write({ instance: 'i', database: 'x'.repeat(100) }, { lines: 'm v=1 1', precision: 's' });
  await sink.close();
  const good = await ceres(['metrics', bucket], undefined, { isTTY: true });
  expect(good).toMatchObject({ exitCode: 0, stderr: '' });
  expect(good.stdout).toContain('\nceres_backup_good{instance="i"} 1\n');
  expect(good.stdout).toContain(`\nceres_backup_records{instance="i",database="${'x'.repeat(100)}"} 1\n`);
  await rm(join(bucket, '~heartbeat'), { recursive: true });
  const out = join(folder, 'ceres.prom');
  expect(await ceres(['metrics', bucket, '--out', out])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  expect(await readFile(out, 'utf8')).toContain('\nceres_backup_good{instance="i"} 0\n');
  expect((await readdir(folder)).sort()).toEqual(['bucket', 'ceres.prom', 'spool']);
  expect((await ceres(['metrics', bucket, '--out', join(folder, 'no', 'x.prom')])).stderr).toContain(
    'METRICS_UNWRITABLE',
  );
});
