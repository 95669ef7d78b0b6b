import { MemoryStorage } from '@ceres/storage';
import { FaultyDisk, FaultyFs, type FsCall } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { BackupSink } from '../../../src/index';
import { SpoolDirectories } from '../../../src/spool/disk/directories';
import { errorOf, openSink, raw, storedNumbers, to } from '../../sink-harness';

/** Nothing reaches the disk by chance. */
const unlucky = () => 0.99;
const spoolDir = '/spool';

/** A sink that a crash will end: it cannot be closed. */
function openOn(disk: FaultyDisk): Promise<BackupSink> {
  return BackupSink.open({ fs: new FaultyFs(disk), spoolDir, precision: 's', storage: new MemoryStorage() });
}

/** Makes the next `count` fsyncs of one directory fail. */
function failSyncsOf(disk: FaultyDisk, directory: string, times = 1): void {
  let left = times;
  disk.fault = ({ operation, path }: FsCall) => {
    if (operation !== 'sync' || path !== directory || left === 0) return undefined;
    left -= 1;
    return { kind: 'EIO' };
  };
}

it.each([
  ['the spool', '/spool'],
  ['the instance', '/spool/influxdb-0'],
  ['the database', '/spool/influxdb-0/db_0'],
  ['the policy', '/spool/influxdb-0/db_0/rp_5d'],
])(
  'after a failed fsync of the directory of %s nothing is acked because a later one succeeds',
  async (_, directory) => {
    const disk = new FaultyDisk(unlucky);
    const first = await openOn(disk);
    failSyncsOf(disk, directory);
    expect(await errorOf(first.write(to, raw(1)))).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
    await first.write(to, raw(2));
    disk.crash();

    const second = await openSink({ fs: new FaultyFs(disk), spoolDir });
    await second.sink.flush();
    expect(await storedNumbers(second.storage)).toEqual([2]);
  },
);

it('a directory whose fsync failed in a run that was killed is made again by the next run', async () => {
  const disk = new FaultyDisk(unlucky);
  const first = await openOn(disk);
  failSyncsOf(disk, '/spool/influxdb-0');
  await errorOf(first.write(to, raw(1)));
  disk.kill();

  const second = await openOn(disk);
  await second.write(to, raw(2));
  disk.crash();

  const third = await openSink({ fs: new FaultyFs(disk), spoolDir });
  await third.sink.flush();
  expect(await storedNumbers(third.storage)).toEqual([2]);
});

it('a change of names fails with the fsync of another change made at the same time', async () => {
  const disk = new FaultyDisk(unlucky);
  const fs = new FaultyFs(disk);
  await fs.mkdir(spoolDir, { recursive: true });
  const directories = new SpoolDirectories(fs, spoolDir);
  const create = async (name: string) => void (await fs.open(`${spoolDir}/${name}`, 'wx'));
  failSyncsOf(disk, spoolDir);
  const changes = ['a', 'b', 'c'].map((name) => directories.change(spoolDir, () => create(name)));
  expect((await Promise.allSettled(changes)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await directories.change(spoolDir, () => create('d'));
  disk.crash();
  expect(disk.files()).not.toContain('/spool/a');
});

it('changes of names in one directory share its fsyncs', async () => {
  const disk = new FaultyDisk(unlucky);
  const fs = new FaultyFs(disk);
  await fs.mkdir(`${spoolDir}/~spool`, { recursive: true });
  const directories = new SpoolDirectories(fs, spoolDir);
  let syncs = 0;
  disk.fault = ({ operation }) => {
    if (operation === 'sync') syncs += 1;
    return undefined;
  };
  await Promise.all(Array.from({ length: 20 }, (_, n) => directories.ensure(`${spoolDir}/d${n}`)));
  expect(syncs).toBeLessThanOrEqual(2);
});

it('a directory that holds something is never renamed, so that no crash can hide it', async () => {
  const disk = new FaultyDisk(unlucky);
  const fs = new FaultyFs(disk);
  await fs.mkdir(`${spoolDir}/~spool`, { recursive: true });
  await fs.mkdir(`${spoolDir}/i/db`, { recursive: true });
  const renamed: string[] = [];
  disk.fault = ({ operation, path }: FsCall) => {
    if (operation === 'rename') renamed.push(path);
    return undefined;
  };
  await new SpoolDirectories(fs, spoolDir).ensure(`${spoolDir}/i/db/rp`);
  expect(renamed).not.toContain(`${spoolDir}/i`);
  expect(renamed).toContain(`${spoolDir}/i/db`); // empty: its name may be owed to a failed fsync
});
