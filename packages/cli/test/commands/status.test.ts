import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink, LocalStorage } from '@ceres/backup-sink';
import { expect, it, onTestFinished } from 'vitest';
import { ceres } from '../support/in-process';

const to = { instance: 'influxdb-0', database: 'site_6', retentionPolicy: 'rp' };

/** A backup of three files, by a sink that was closed. */
async function backup(): Promise<{ folder: string; bucket: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-status-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const bucket = join(folder, 'bucket');
  const spoolDir = join(folder, 'spool');
  const sink = await BackupSink.open({ storage: new LocalStorage(bucket), spoolDir, precision: 's' });
  for (let n = 0; n < 3; n += 1) {
    await sink.write(to, { lines: `m v=${n} ${1_795_730_000 + n}`, precision: 's' });
    await sink.flush();
  }
  await sink.close();
  return { folder, bucket };
}

async function filesIn(bucket: string): Promise<string[]> {
  const names = await readdir(join(bucket, to.instance), { recursive: true });
  return names.filter((name) => name.endsWith('.gz')).map((name) => join(bucket, to.instance, name));
}

it('says that a backup is good, up to when, and what it holds, within 80 columns', async () => {
  const { bucket } = await backup();
  const { exitCode, stdout, stderr } = await ceres(['status', `file://${bucket}`]);
  expect([exitCode, stderr]).toEqual([0, '']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(0, 2)).toEqual([
    'influxdb-0: good',
    expect.stringMatching(/^Everything acked up to 20.* UTC \(just now\) is stored\.$/),
  ]);
  expect(stdout).toMatch(/^site_6 +rp +2026-11-26 21:53 +just now +3 +3 /m);
  expect(lines.at(-2)).toBe('Next, to compare a server with the backup:');
  const texts = lines.filter((line) => !line.startsWith('  ')); // A command stays whole, so that it can be copied.
  expect(Math.max(...texts.map((line) => line.length))).toBeLessThanOrEqual(80);
});

it('names a lost file and exits with 4, until the finding is accepted by the name that it prints', async () => {
  const { bucket } = await backup();
  await rm((await filesIn(bucket))[0] as string);
  const { exitCode, stdout } = await ceres(['status', `file://${bucket}`]);
  expect(exitCode).toBe(4);
  expect(stdout).toMatch(/^influxdb-0: attention\n1 finding; ledgers vouch up to /);
  expect(stdout).toMatch(/^- 1 file missing from site_6\.rp, 2026-11-26 21:53 UTC \(1 line\)$/m);
  const name = /--accept (\S+)/.exec(stdout)?.[1] ?? '';
  expect(await ceres(['status', `file://${bucket}`, '--accept', name])).toMatchObject({ exitCode: 0, stderr: '' });
});

it('says the same in a listing of the files', async () => {
  const { bucket } = await backup();
  expect((await ceres(['ls', `file://${bucket}`])).stderr).toBe('');
  await rm((await filesIn(bucket))[0] as string);
  const { stderr } = await ceres(['ls', `file://${bucket}`]);
  expect(stderr).toBe('1 file missing from site_6.rp, 2026-11-26 21:53 UTC (1 line)\n');
});

it('prints one JSON object for each instance, and nothing else on stdout', async () => {
  const { bucket } = await backup();
  const { stdout } = await ceres(['status', `file://${bucket}`, '--json']);
  const [status, ...more] = stdout.trimEnd().split('\n');
  expect(more).toEqual([]);
  expect(JSON.parse(status ?? '')).toMatchObject({ instance: 'influxdb-0', isGood: true, partitions: [{ lines: 3 }] });
});

it('never calls a backup without a ledger good, and says so', async () => {
  const { bucket } = await backup();
  await rm(join(bucket, '~heartbeat'), { recursive: true });
  const { exitCode, stdout } = await ceres(['status', `file://${bucket}`]);
  expect(exitCode).toBe(4);
  expect(stdout).toMatch(
    /^influxdb-0: attention\nNo sink keeps a ledger of these files, so nothing vouches for them\.$/m,
  );
});

it('exits with 4 for an empty bucket', async () => {
  const { folder } = await backup();
  await mkdir(join(folder, 'empty'));
  const { exitCode, stdout, stderr } = await ceres(['status', `file://${folder}/empty`]);
  expect([exitCode, stdout]).toEqual([4, '']);
  expect(stderr).toMatch(/^Found no file of a backup in file:/);
});

it('says if an accepted name is not the name of anything', async () => {
  const { bucket } = await backup();
  const { exitCode, stderr } = await ceres(['status', `file://${bucket}`, '--accept', 'lost/typing-error']);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^Nothing has the name lost\/typing-error/);
});
