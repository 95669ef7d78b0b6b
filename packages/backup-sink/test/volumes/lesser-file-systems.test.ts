import { MemoryStorage } from '@ceres/storage';
import { FaultyDisk, FaultyFs, type Lacks } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { BackupSink } from '../../src/index';
import { acquireLock } from '../../src/lock/acquire-lock';
import { errorOf, openSink, raw, storedNumbers, to } from '../sink-harness';

const spoolDir = '/spool';

function diskThatLacks(lacks: Lacks): FaultyDisk {
  const disk = new FaultyDisk(() => 0.2); // what was not fsynced reaches the disk by chance: nothing can be promised otherwise
  disk.lacks = lacks;
  return disk;
}

/** Collects what a logger warns of. */
function collectingLogger() {
  const warnings: string[] = [];
  const silent = () => undefined;
  const warn = (o: object) => void warnings.push(JSON.stringify(o));
  return { warnings, logger: { debug: silent, info: silent, warn, error: silent } };
}

const lacking: readonly [what: string, lacks: Lacks, said: RegExp][] = [
  ...['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].map(
    (errno) => [`fsync of directories (${errno})`, { directoryFsync: errno }, /no fsync of directories/] as const,
  ),
  ...['ENOSYS', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'].map(
    (errno) => [`hard links (${errno})`, { hardLinks: errno }, /no hard links/] as const,
  ),
].map(([what, lacks, said]) => [what, lacks, said]);

describe.each(lacking)('a spool on a file system without %s', (_, lacks, said) => {
  it('works, says once what a crash of the host may lose, and gives back everything after a kill of the process', async () => {
    const disk = diskThatLacks(lacks);
    const { warnings, logger } = collectingLogger();
    const stalled = new MemoryStorage();
    stalled.put = () => new Promise(() => undefined);
    const common = { spoolDir, precision: 's', segmentBytesMax: 1024 } as const;
    const killed = await BackupSink.open({ ...common, fs: new FaultyFs(disk), storage: stalled, logger });
    for (let n = 0; n < 60; n += 10) await killed.write(to, raw(...Array.from({ length: 10 }, (__, i) => n + i)));
    disk.kill();

    expect(warnings.filter((text) => said.test(text))).toHaveLength(1);
    expect(warnings.join()).toMatch(/A crash of the host may lose/);

    const { sink, storage } = await openSink({ ...common, fs: new FaultyFs(disk) });
    await sink.write(to, raw(60));
    await sink.flush();
    await sink.close();
    expect([...new Set(await storedNumbers(storage))]).toEqual(Array.from({ length: 61 }, (__, n) => n));
    expect(disk.files().filter((path) => !path.includes('~spool'))).toEqual([]);
  });
});

describe('the lock of a spool on a file system without hard links', () => {
  async function folderWithoutLinks() {
    const disk = diskThatLacks({ hardLinks: 'EPERM' });
    const fs = new FaultyFs(disk);
    await fs.mkdir('/own', { recursive: true });
    return { disk, fs };
  }
  const ignore = () => undefined;

  it('has one owner of any number of rivals, and the next one after a release', async () => {
    const { fs } = await folderWithoutLinks();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(fs, '/own', ignore)));
    const locks = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(locks).toHaveLength(1);
    await locks[0]?.release();
    const next = await acquireLock(fs, '/own', ignore);
    expect(await errorOf(acquireLock(fs, '/own', ignore))).toMatchObject({ code: 'SPOOL_LOCKED' });
    await next.release();
  });

  it('is free again after its owner was killed', async () => {
    const { disk, fs } = await folderWithoutLinks();
    await acquireLock(fs, '/own', ignore);
    disk.kill();
    const restarted = new FaultyFs(disk);
    await (await acquireLock(restarted, '/own', ignore)).release();
  });
});
