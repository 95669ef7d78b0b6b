import { describe, expect, it } from 'vitest';
import { bodyOf, keysOf, noise, readAll } from '../../src/conformance/helpers';
import { LocalStorage } from '../../src/local/local-storage';
import { errno, memoryFs, watchedFs } from '../watched-fs';

/** Returns the calls that change something while `put` runs, with one name for all temporary files. */
async function callsOf(put: (fs: ReturnType<typeof memoryFs>) => Promise<unknown>, fs = memoryFs()): Promise<string[]> {
  const calls: string[] = [];
  await put(
    watchedFs(fs, (call, path) => {
      if (!/^(open|lstat|readdir|close)$/.test(call)) calls.push(`${call} ${path.replace(/~tmp\/.+/, '~tmp/…')}`);
    }),
  );
  return calls;
}

/** Returns a disk on which every fsync of `/backup/i` fails as long as it is broken; `sound` is the same disk without faults. */
function withBrokenFolder() {
  const sound = memoryFs();
  const fs = watchedFs(sound, (call, path) => {
    if (disk.isBroken && call === 'sync' && path === '/backup/i') throw errno('EIO', call, path);
  });
  const disk = { fs, sound, isBroken: true };
  return disk;
}

describe('LocalStorage', () => {
  it('makes bytes, folders and the name durable, in this order, before it removes the temporary name', async () => {
    const calls = await callsOf((fs) => new LocalStorage('/var/backup', { fs }).put('i/db/k.gz', bodyOf('x')));
    expect(calls).toEqual([
      'mkdir /var/backup/~tmp',
      'sync /', // this call has created the root, so the folders above it count too
      'sync /var',
      'sync /var/backup',
      'mkdir /var/backup/i',
      'sync /var/backup',
      'mkdir /var/backup/i/db',
      'sync /var/backup/i',
      'write /var/backup/~tmp/…',
      'sync /var/backup/~tmp/…',
      'link /var/backup/~tmp/…',
      'sync /var/backup/i/db',
      'unlink /var/backup/~tmp/…',
    ]);
  });

  it('does not repeat the fsyncs of folders that it has made durable before', async () => {
    const fs = memoryFs();
    let storage: LocalStorage | undefined;
    const put = (key: string) => (watched: typeof fs) => {
      storage ??= new LocalStorage('/backup', { fs: watched });
      return storage.put(key, bodyOf('x'));
    };
    const calls: string[] = [];
    const watched = watchedFs(fs, (call, path) => calls.push(`${call} ${path}`));
    await put('i/db/1.gz')(watched);
    calls.length = 0;
    await put('i/db/2.gz')(watched);
    expect(calls.filter((call) => call.startsWith('mkdir'))).toEqual([]);
    expect(calls.filter((call) => call.startsWith('sync'))).toHaveLength(2);
  });

  it('makes a name durable that another writer made, since that writer may have crashed before its fsync', async () => {
    const fs = memoryFs();
    await new LocalStorage('/backup', { fs }).put('i/k', bodyOf('x'));
    const calls = await callsOf(async (watched) => {
      expect(await new LocalStorage('/backup', { fs: watched }).put('i/k', bodyOf('x'))).toBe('exists');
    }, fs);
    expect(calls).toEqual([
      'mkdir /backup/~tmp',
      'sync /',
      'sync /backup',
      'mkdir /backup/i',
      'sync /backup',
      'sync /backup/i',
    ]);
  });

  it('reports a failed fsync of the folder as a failed put, and the retry succeeds', async () => {
    const disk = withBrokenFolder();
    const storage = new LocalStorage('/backup', { fs: disk.fs });
    await expect(storage.put('i/k', bodyOf('x'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    disk.isBroken = false;
    expect(await storage.put('i/k', bodyOf('x'))).toBe('exists');
  });

  it('makes a name again after a failed fsync of its folder, since a later fsync proves nothing', async () => {
    const disk = withBrokenFolder();
    const calls: string[] = [];
    const watched = watchedFs(disk.fs, (call, path) => {
      if (/^(rename|link|sync)$/.test(call)) calls.push(`${call} ${path.replace(/~tmp\/.+/, '~tmp/…')}`);
    });
    const storage = new LocalStorage('/backup', { fs: watched });
    const put = () => storage.put('i/k', bodyOf('x'));
    await put().catch(() => undefined);
    await put().catch(() => undefined); // made again, and uncertain again
    disk.isBroken = false;
    calls.length = 0;
    expect(await put()).toBe('exists');
    expect(calls).toEqual(['sync /backup/~tmp/…', 'rename /backup/~tmp/…', 'sync /backup/i']);
    expect((await readAll(storage.get('i/k'))).toString()).toBe('x');
    calls.length = 0;
    expect(await put()).toBe('exists');
    expect(calls).toEqual(['sync /backup/i']);
  });

  it('does not make again what another writer made, and never changes what a reader may have seen', async () => {
    const disk = withBrokenFolder();
    const storage = new LocalStorage('/backup', { fs: disk.fs });
    await new LocalStorage('/backup', { fs: disk.sound }).put('i/others', bodyOf('theirs'));
    await storage.put('i/others', bodyOf('ours')).catch(() => undefined);
    await storage.put('i/ours', bodyOf('first')).catch(() => undefined);
    disk.isBroken = false;
    expect(await storage.put('i/others', bodyOf('ours'))).toBe('exists');
    expect(await storage.put('i/ours', bodyOf('second'))).toBe('exists');
    expect((await readAll(storage.get('i/others'))).toString()).toBe('theirs');
    expect((await readAll(storage.get('i/ours'))).toString()).toBe('first');
    expect(await disk.sound.readdir('/backup/~tmp')).toEqual([]);
  });

  it('does not trust an fsync of a folder while another fsync of it fails', async () => {
    const fs = memoryFs();
    let syncs = 0;
    const broken = watchedFs(fs, (call, path) => {
      if (call === 'sync' && path === '/backup/i' && ++syncs === 1) throw errno('EIO', call, path);
    });
    const storage = new LocalStorage('/backup', { fs: broken });
    const puts = ['i/a', 'i/b'].map((key) => storage.put(key, bodyOf('x')));
    const outcomes = await Promise.allSettled(puts);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await storage.put('i/a', bodyOf('x'))).toBe('exists');
  });
});

describe('LocalStorage when any one of its file calls fails', () => {
  it('stores all or nothing, lists nothing half-made, and succeeds with the next put', async () => {
    const content = noise(200_000);
    const put = (fs: ReturnType<typeof memoryFs>) => new LocalStorage('/backup', { fs }).put('i/k', bodyOf(content));
    let calls = 0;
    await put(watchedFs(memoryFs(), () => (calls += 1)));
    expect(calls).toBeGreaterThan(25);

    for (let failing = 1; failing <= calls; failing += 1) {
      const fs = memoryFs();
      let n = 0;
      const broken = watchedFs(fs, (call, path) => {
        n += 1;
        if (n === failing) throw errno('EIO', call, path);
      });
      const outcome = await put(broken).catch((error) => error.code);
      const storage = new LocalStorage('/backup', { fs });
      const keys = await keysOf(storage).catch((error) => error.code);
      expect([['NOT_FOUND'], [], ['i/k']], `call ${failing}`).toContainEqual([keys].flat());
      if (outcome === 'created') expect(keys).toEqual(['i/k']);
      else expect(outcome).toBe('UNAVAILABLE');

      await storage.put('i/k', bodyOf(content));
      expect((await readAll(storage.get('i/k'))).compare(content)).toBe(0);
    }
  });
});
