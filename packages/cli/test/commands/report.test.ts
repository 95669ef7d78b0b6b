import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { expect, it, onTestFinished } from 'vitest';
import { ceres } from '../support/in-process';

const to = { instance: 'influxdb-0', database: 'site_6', retentionPolicy: 'rp' };

/** A backup of one file, by a sink that was closed. */
async function backup(): Promise<{ folder: string; bucket: string; out: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-report-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const bucket = join(folder, 'bucket');
  const sink = await BackupSink.open({
    storage: new LocalStorage(bucket),
    spoolDir: join(folder, 'spool'),
    precision: 's',
  });
  await sink.write(to, { lines: 'm v=1 1795730000000000000', precision: 'ns' });
  await sink.close();
  await mkdir(join(folder, 'out'));
  return { folder, bucket, out: join(folder, 'out', 'report.html') };
}

it('writes the page, says where it is, and exits as `status` does', async () => {
  const { bucket, out } = await backup();
  const good = await ceres(['report', bucket, '--out', out, '--goal', '1h']);
  expect(good).toMatchObject({ exitCode: 0, stderr: '' });
  expect(good.stdout).toMatch(/^The backup is good\. The page: .*report\.html \(\d/);
  expect(await readFile(out, 'utf8')).toContain(`ceres drill ${bucket} --instance influxdb-0<`);
  const [lost = ''] = (await readdir(bucket, { recursive: true })).filter(
    (name) => name.endsWith('.gz') && !name.startsWith('~'),
  );
  await rm(join(bucket, lost));
  const bad = await ceres(['report', bucket, '--out', out]);
  expect([bad.exitCode, bad.stdout]).toEqual([4, expect.stringMatching(/^The backup needs attention\./)]);
  expect(await readFile(out, 'utf8')).toContain('1 file missing from site_6.rp');
  expect(await readdir(join(out, '..'))).toEqual(['report.html']); // nothing half-written is left
});

it('writes the page of an empty backup, and finds that there is none', async () => {
  const { folder, out } = await backup();
  await mkdir(join(folder, 'empty'));
  expect(await ceres(['report', join(folder, 'empty'), '--out', out])).toMatchObject({ exitCode: 4, stderr: '' });
  expect(await readFile(out, 'utf8')).toContain('There is no backup here');
});

it('refuses a page that cannot be written, and leaves the older one', async () => {
  const { bucket, folder, out } = await backup();
  const { exitCode, stderr } = await ceres(['report', bucket, '--out', join(folder, 'nowhere', 'report.html')]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Expected --out to name a file that can be written')]);
  await ceres(['report', bucket, '--out', out]);
  const before = await stat(out);
  expect((await ceres(['report', bucket, '--out', out, '--instance', 'another'])).exitCode).toBe(1);
  expect((await stat(out)).mtimeMs).toBe(before.mtimeMs);
});
