import { describe, expect, it } from 'vitest';
import { bodyOf, keysOf, noise } from '../../src/conformance/helpers';
import { LocalStorage } from '../../src/local/local-storage';
import { errno, memoryFs, watchedFs } from '../watched-fs';

/** Returns a storage whose calls of one kind fail, from call number `from` on. */
function failing(code: string, call: string, from = 1) {
  const fs = memoryFs();
  let n = 0;
  const broken = watchedFs(fs, (name, path) => {
    if (name !== call) return;
    n += 1;
    if (n >= from) throw errno(code, name, path);
  });
  return { fs, storage: new LocalStorage('/backup', { fs: broken }) };
}

describe('LocalStorage', () => {
  const cases: readonly [string, string, string, string, RegExp][] = [
    ['a root that cannot be written', 'EACCES', 'mkdir', 'DENIED', /store "i\/k" under \/backup: EACCES.*the right/],
    ['a read-only file system', 'EROFS', 'mkdir', 'DENIED', /Mount the file system read-write/],
    ['a disk that fills up', 'ENOSPC', 'write', 'UNAVAILABLE', /write "i\/k" under \/backup: ENOSPC.*Free some space/],
    ['an exhausted quota', 'EDQUOT', 'sync', 'UNAVAILABLE', /raise the quota/],
    ['a folder that is immutable', 'EPERM', 'open', 'DENIED', /immutable/],
    ['a volume that is gone', 'ENOENT', 'link', 'UNAVAILABLE', /its volume is mounted/],
    ['a disk that fails', 'EIO', 'close', 'UNAVAILABLE', /the device failed/],
    ['too many open files', 'EMFILE', 'open', 'UNAVAILABLE', /ulimit/],
  ];
  for (const [what, errnoCode, call, code, message] of cases) {
    it(`says what is wrong and what to do about ${what}`, async () => {
      const { fs, storage } = failing(errnoCode, call);
      await expect(storage.put('i/k', bodyOf('x'))).rejects.toMatchObject({
        code,
        key: 'i/k',
        retryable: code === 'UNAVAILABLE',
        cause: { code: errnoCode },
        message: expect.stringMatching(message),
      });
      await fs.mkdir('/backup', { recursive: true });
      expect(await keysOf(new LocalStorage('/backup', { fs }))).toEqual([]);
    });
  }

  it('lists nothing of a put that filled the disk half-way', async () => {
    const { fs, storage } = failing('ENOSPC', 'write', 3);
    await expect(storage.put('i/k', bodyOf(noise(500_000)))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await keysOf(new LocalStorage('/backup', { fs }))).toEqual([]);
    expect(await fs.readdir('/backup/~tmp')).toEqual([]);
  });

  it('lists past the folders that belong to a volume, and reports any other that it cannot read', async () => {
    const fs = memoryFs();
    const closed = ['/backup/lost+found', '/backup/System Volume Information'];
    const broken = watchedFs(fs, (name, path) => {
      if (name === 'readdir' && closed.includes(path.replace(/\/$/, ''))) throw errno('EACCES', name, path);
    });
    const storage = new LocalStorage('/backup', { fs: broken });
    for (const key of ['a/k', 'i/k', 'z/k']) await storage.put(key, bodyOf('x'));
    for (const folder of closed) await fs.mkdir(folder);
    expect(await keysOf(storage)).toEqual(['a/k', 'i/k', 'z/k']);
    closed.push('/backup/i');
    const listing = keysOf(storage);
    await expect(listing).rejects.toMatchObject({ code: 'DENIED', message: expect.stringContaining('/backup/i') });
  });

  it('refuses unknown options, and an empty path', () => {
    expect(() => new LocalStorage('/backup', { clocks: 1 } as object)).toThrow('Did you mean `clock`?');
    expect(() => new LocalStorage('')).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});

describe('LocalStorage when an operator removes its folders', () => {
  it('creates them again with the next attempt', async () => {
    const fs = memoryFs();
    let gone = false;
    const fickle = watchedFs(fs, (call, path) => {
      if (call === 'link' && !gone) {
        gone = true;
        throw errno('ENOENT', call, path);
      }
    });
    const storage = new LocalStorage('/backup', { fs: fickle });
    await expect(storage.put('i/k', bodyOf('x'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(await storage.put('i/k', bodyOf('x'))).toBe('created');
  });
});
