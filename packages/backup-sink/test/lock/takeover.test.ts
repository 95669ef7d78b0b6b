import { link, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, nodeFileSystem, thisProcess } from '@ceres/internal';
import { mountDisk, mountObstacle } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AcquireOptions, acquireLock } from '../../src/lock/acquire-lock';
import type { Owner } from '../../src/lock/lock-files';
import { errorOf, openSink, temporaryDirectory } from '../sink-harness';

/** Short enough for a test, in the proportions of the real times. */
const times = { renewalMs: 20, leaseMs: 50, staleMs: 160 };
/** Shorter still, where nothing renews a lease. */
const shortTimes = { renewalMs: 10, leaseMs: 30, staleMs: 80 };
const self = thisProcess();
/** What hides an owner from this process, which can then only watch its lease. */
const hidings = {
  'on another host': { host: 'ingest-7', bootId: 'another' },
  'from before a reboot of this host': { bootId: 'another' },
  'in another container': { pidNamespace: 'pid:[1]' },
} satisfies Record<string, Partial<Owner>>;
const elsewhere = hidings['on another host'];

/** Makes a file system say that it is of a type of statfs(2). */
const ofType = (type: number): FileSystem => ({ ...nodeFileSystem, statfs: async () => ({ type }) });
const { statfs: _statfs, ...withoutStatfs } = nodeFileSystem;
const local = ofType(0xef53);
const nfs = ofType(0x6969);

/** Puts a lock of another owner into a folder. */
async function lock(folder: string, owner: Partial<Owner>): Promise<void> {
  const content = { ...self, token: 'old', sinceMs: 0, ...owner };
  await writeFile(join(folder, 'lock-000000007'), JSON.stringify(content));
}

async function lockedFolder(owner: Partial<Owner>): Promise<string> {
  const folder = await temporaryDirectory();
  await lock(folder, owner);
  return folder;
}

/** Renews the owner's lease until the test ends. */
function renew(folder: string, everyMs = 10): void {
  let count = 0;
  const renewing = setInterval(() => void writeFile(join(folder, 'beat-old'), String(++count)), everyMs);
  onTestFinished(() => clearInterval(renewing));
}

/** Acquires the lock, and returns how long that took. */
async function acquire(fs: FileSystem, folder: string, options: AcquireOptions = {}): Promise<number> {
  const startedMs = performance.now();
  const acquired = await acquireLock(fs, folder, () => undefined, { times, ...options });
  const tookMs = performance.now() - startedMs;
  await acquired.release();
  return tookMs;
}

it.each([
  ['ext4', 0xef53],
  ['xfs', 0x58465342],
  ['btrfs', 0x9123683e],
  ['tmpfs', 0x01021994],
  ['overlayfs', 0x794c7630],
])(
  'an owner on another host is displaced on %s once its lease was not renewed while it was watched',
  async (_, type) => {
    await acquire(ofType(type), await lockedFolder(elsewhere), { times: shortTimes });
  },
);

describe.each(Object.entries(hidings))('an owner %s', (_, owner) => {
  it('is displaced on a local file system once its lease was watched for its whole length and not renewed', async () => {
    const tookMs = await acquire(local, await lockedFolder(owner));
    expect(tookMs).toBeGreaterThanOrEqual(times.staleMs + times.leaseMs - 5);
  });

  it('keeps its spool on a local file system while it renews its lease', async () => {
    const folder = await lockedFolder(owner);
    renew(folder);
    expect(await errorOf(acquire(local, folder))).toMatchObject({ code: 'SPOOL_LOCKED' });
  });

  it('keeps its spool if it renews its lease only near the end of the watch', async () => {
    const folder = await lockedFolder(owner);
    let looks = 0;
    const open: FileSystem['open'] = async (path, flags, mode) => {
      if (path.endsWith('beat-old')) looks += 1;
      if (looks === 2) await writeFile(join(folder, 'beat-old'), '2');
      return await nodeFileSystem.open(path, flags, mode);
    };
    expect(await errorOf(acquire({ ...local, open }, folder))).toMatchObject({ code: 'SPOOL_LOCKED' });
    expect(looks).toBeGreaterThanOrEqual(2);
  });

  it.each<[string, FileSystem]>([
    ['NFS', nfs],
    ['CIFS', ofType(0xff534d42)],
    ['FUSE', ofType(0x65735546)],
    ['a type that is not known', ofType(0x12345678)],
    ['a file system that does not say its type', withoutStatfs],
    ['a file system that fails to say its type', { ...nodeFileSystem, statfs: () => Promise.reject(new Error('EIO')) }],
  ])('keeps its spool on %s, however long it has not renewed its lease', async (_, fs) => {
    const folder = await lockedFolder(owner);
    expect(await errorOf(acquire(fs, folder))).toMatchObject({ code: 'SPOOL_LOCKED' });
    expect(JSON.parse(await readFile(join(folder, 'lock-000000007'), 'utf8'))).toMatchObject({ token: 'old' });
  });
});

it('the refusal names the owner, the file system, and both ways to displace it', async () => {
  const folder = await lockedFolder({ ...elsewhere, pid: 17 });
  const { message } = (await errorOf(acquire(nfs, folder))) as Error;
  expect(message).toContain('pid 17 on host ingest-7, since 1970-01-01T00:00:00.000Z');
  expect(message).toContain('NFS');
  expect(message).toContain("takeover: 'ingest-7'");
  expect(message).toContain(`ceres unlock ${join(folder, '..')}`);
});

describe.each(['tmpfs', 'ext4'] as const)('a real %s', async (kind) => {
  const obstacle = await mountObstacle(kind);
  it.skipIf(obstacle !== undefined)(obstacle ?? 'is known to be local', async () => {
    const disk = await mountDisk({ kind, sizeBytes: 4 * 1024 * 1024 });
    onTestFinished(() => disk.remove());
    await lock(disk.path, elsewhere);
    await acquire(nodeFileSystem, disk.path, { times: shortTimes });
  });
});

describe('takeover', () => {
  it('displaces an owner of that host on a shared file system, once its lease was watched and not renewed', async () => {
    const tookMs = await acquire(nfs, await lockedFolder(elsewhere), { takeover: 'ingest-7' });
    expect(tookMs).toBeGreaterThanOrEqual(times.staleMs + times.leaseMs - 5);
  });

  it('does not displace an owner of another host', async () => {
    const acquiring = acquire(nfs, await lockedFolder(elsewhere), { takeover: 'ingest-8' });
    expect(await errorOf(acquiring)).toMatchObject({ code: 'SPOOL_LOCKED' });
  });

  it('does not displace an owner that renews its lease, or that is seen to run', async () => {
    const renewed = await lockedFolder(elsewhere);
    renew(renewed);
    expect(await errorOf(acquire(nfs, renewed, { takeover: 'ingest-7' }))).toMatchObject({ code: 'SPOOL_LOCKED' });
    const running = await lockedFolder({});
    const acquiring = acquire(nfs, running, { takeover: self.host });
    expect(await errorOf(acquiring)).toMatchObject({ code: 'SPOOL_LOCKED' });
  });

  it('is an option of a sink, which refuses an empty one', async () => {
    const { sink, spoolDir } = await openSink();
    await sink.close();
    const own = join(spoolDir, '~spool');
    await writeFile(join(own, 'lock-000000099'), JSON.stringify({ ...self, token: 'old', sinceMs: 0, ...elsewhere }));
    renew(own, 100);
    const open = (takeover: string) => errorOf(openSink({ spoolDir, fs: nfs, takeover }));
    expect(await open('ingest-7')).toMatchObject({ message: expect.stringContaining('still renews its lease') });
    expect(await open('ingest-8')).toMatchObject({ message: expect.stringContaining('cannot be seen from here') });
    expect(await open('')).toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

it('a new owner that was killed while it waited for the end of a lease leaves that wait to the next one', async () => {
  const dead = { startedTicks: '1', displacing: true } as const;
  expect(await acquire(local, await lockedFolder(dead))).toBeGreaterThanOrEqual(times.leaseMs - 5);
  const renewed = await lockedFolder(dead);
  await writeFile(join(renewed, 'beat-old'), '1'); // it had waited: its own lease began
  await acquire(local, renewed, { times: { ...times, leaseMs: 3_600_000 } }); // Waiting again would take an hour.
});

it('an owner that displaces another one says so in its lock', async () => {
  const folder = await lockedFolder(elsewhere);
  const acquired = await acquireLock(local, folder, () => undefined, { times });
  onTestFinished(() => acquired.release());
  expect(JSON.parse(await readFile(join(folder, 'lock-000000008'), 'utf8'))).toMatchObject({ displacing: true });
});

it('a lock that the disk did not let go is free for the thread that had it', async () => {
  const folder = await temporaryDirectory();
  let fails = false;
  const fs: FileSystem = {
    ...local,
    link: async (from, to) => {
      if (fails) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      await link(from, to);
    },
  };
  const first = await acquireLock(fs, folder, () => undefined, { times });
  fails = true;
  expect(await errorOf(first.release())).toMatchObject({ code: 'EIO' });
  fails = false;
  await acquire(fs, folder);
});

it('on a full disk without a reserve, the claim of an owner that was killed is not overwritten while it is the lock, too', async () => {
  const folder = await lockedFolder({ pid: 2 ** 22 + 1 });
  await link(join(folder, 'lock-000000007'), join(folder, 'claim-old'));
  const fs: FileSystem = {
    ...local,
    open: async (path, flags) => {
      if (flags === 'w') throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      return await nodeFileSystem.open(path, flags);
    },
  };
  expect(await errorOf(acquire(fs, folder))).toMatchObject({ code: 'ENOSPC' });
  expect(JSON.parse(await readFile(join(folder, 'lock-000000007'), 'utf8'))).toMatchObject({ token: 'old' });
});
