import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bodyOf, keysOf, noise, readAll } from '../../src/conformance/helpers';
import { storageConformance } from '../../src/conformance/suite';
import { LocalStorage } from '../../src/local/local-storage';
import { errno, memoryFs, type Watcher, watchedFs } from '../watched-fs';

const refusals = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/** Returns a file system that refuses hard links; a link to a name that exists answers `EEXIST`, as Linux does on every file system. */
function withoutLinks(code = 'EPERM', fs = memoryFs(), watch: Watcher = () => undefined) {
  const watched = watchedFs(fs, watch);
  return {
    ...watched,
    link: async (from: string, to: string) => {
      watch('link', from);
      const isThere = await fs.lstat(to).then(
        () => true,
        () => false,
      );
      throw errno(isThere ? 'EEXIST' : code, 'link', from);
    },
  };
}

/** Lets the file system's clock, which memfs takes from the process, pass. */
function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

/** Returns the texts of the process's warnings with a code. */
const warningsOf = (code: string) =>
  vi
    .mocked(process.emitWarning)
    .mock.calls.filter((call) => JSON.stringify(call).includes(code))
    .map(([text]) => String(text));

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('LocalStorage on memfs without hard links', () => {
  storageConformance({ describe, it }, async () => {
    const fs = memoryFs();
    await fs.mkdir('/backup', { recursive: true });
    return new LocalStorage('/backup', { fs: withoutLinks('EPERM', fs) });
  });
});

describe.each(refusals)('LocalStorage where a hard link answers %s', (code) => {
  it('creates an object once, of any number of writers, and says once what that costs', async () => {
    const fs = memoryFs();
    const storages = Array.from({ length: 8 }, () => new LocalStorage('/backup', { fs: withoutLinks(code, fs) }));
    const outcomes = await Promise.allSettled(storages.map((storage, n) => storage.put('i/k', bodyOf(`writer ${n}`))));
    const created = outcomes.flatMap((outcome, n) =>
      outcome.status === 'fulfilled' && outcome.value === 'created' ? [n] : [],
    );
    expect(created).toHaveLength(1);
    // A writer that meets a name which is reserved and not filled yet must not call the object stored.
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    }
    const reader = new LocalStorage('/backup', { fs });
    expect((await readAll(reader.get('i/k'))).toString()).toBe(`writer ${created[0]}`);

    const [storage] = storages;
    await storage?.put('i/other', bodyOf('x'));
    const said = warningsOf('CERES_NO_HARD_LINKS');
    expect(said.length).toBeLessThanOrEqual(storages.length); // once for each storage
    expect(said[0]).toMatch(/The file system of \/backup has no hard links.*killed.*empty file/);
  });
});

describe('a writer that is killed between reserving a name and filling it', () => {
  async function abandoned() {
    const fs = memoryFs();
    const broken = withoutLinks('EPERM', fs, (call, path) => {
      if (call === 'rename') throw errno('EIO', call, path);
    });
    await new LocalStorage('/backup', { fs: broken }).put('i/k', bodyOf('first')).catch(() => undefined);
    return { fs, storage: new LocalStorage('/backup', { fs: withoutLinks('EPERM', fs) }) };
  }

  it('leaves an empty file, which the next put of that key fills after a minute, and never before', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { fs, storage } = await abandoned();
    expect(await keysOf(storage)).toEqual(['i/k']);
    expect((await fs.lstat('/backup/i/k')).size).toBe(0);

    await expect(storage.put('i/k', bodyOf('second'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    pass(30_000);
    await expect(storage.put('i/k', bodyOf('second'))).rejects.toThrow('has reserved the name of "i/k"');
    pass(31_000);
    expect(await storage.put('i/k', bodyOf('second'))).toBe('created');
    expect((await readAll(storage.get('i/k'))).toString()).toBe('second');
    expect(await storage.put('i/k', bodyOf('third'))).toBe('exists');
    expect(await fs.readdir('/backup/~tmp')).toEqual([]);
  });

  it('does not make an empty object on a file system with hard links look like a reserved name', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const fs = memoryFs();
    const storage = new LocalStorage('/backup', { fs });
    await storage.put('i/k', bodyOf(''));
    pass(3_600_000);
    expect(await storage.put('i/k', bodyOf('second'))).toBe('exists');
    expect((await fs.lstat('/backup/i/k')).size).toBe(0);
    expect(await fs.readdir('/backup/~tmp')).toEqual([]);
  });
});

describe('LocalStorage where any one file call fails and there are no hard links', () => {
  it('stores all or nothing, and succeeds with a later put', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const content = noise(20_000);
    let calls = 0;
    const count = () => {
      calls += 1;
    };
    await new LocalStorage('/backup', { fs: withoutLinks('EPERM', memoryFs(), count) }).put('i/k', bodyOf(content));
    for (let failing = 1; failing <= calls; failing += 1) {
      const fs = memoryFs();
      let n = 0;
      const broken = withoutLinks('EPERM', fs, (call, path) => {
        n += 1;
        if (n === failing) throw errno('EIO', call, path);
      });
      await new LocalStorage('/backup', { fs: broken }).put('i/k', bodyOf(content)).catch(() => undefined);
      pass(61_000);
      const storage = new LocalStorage('/backup', { fs: withoutLinks('EPERM', fs) });
      const outcome = await storage.put('i/k', bodyOf(content));
      expect(['created', 'exists'], `call ${failing}`).toContain(outcome);
      expect((await readAll(storage.get('i/k'))).equals(content), `call ${failing}`).toBe(true);
    }
  });
});

describe.each(['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP', 'ENOSYS'])(
  'LocalStorage where an fsync of a directory answers %s',
  (code) => {
    it('stores objects, and says once what a crash of the host may lose', async () => {
      const fs = memoryFs();
      const refusing = watchedFs(fs, (call, path) => {
        if (call === 'sync' && !path.includes('~tmp/')) throw errno(code, call, path);
      });
      const storage = new LocalStorage('/backup', { fs: refusing });
      expect(await storage.put('i/k', bodyOf('x'))).toBe('created');
      expect(await storage.put('i/l', bodyOf('y'))).toBe('created');
      expect(await storage.put('i/k', bodyOf('z'))).toBe('exists');
      expect(warningsOf('CERES_NO_DIRECTORY_FSYNC')).toEqual([
        expect.stringMatching(/\/backup cannot fsync directories. A crash of the host may lose objects/),
      ]);
    });
  },
);
