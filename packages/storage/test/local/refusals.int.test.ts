import { link, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bodyOf, keysOf, readAll } from '../../src/conformance/helpers';
import { LocalStorage } from '../../src/local/local-storage';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-refusals-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const refusal = (code: string, message: RegExp) => ({
  code,
  retryable: false,
  message: expect.stringMatching(message),
});

describe('LocalStorage on the disk', () => {
  it('creates a missing root with the first put, and reports it as missing until then', async () => {
    const root = join(await makeFolder(), 'deep/backup');
    const storage = new LocalStorage(root);
    await expect(keysOf(storage)).rejects.toMatchObject(refusal('NOT_FOUND', /There is no directory .*deep\/backup/));
    await expect(readAll(storage.get('k'))).rejects.toMatchObject(refusal('NOT_FOUND', /There is no directory/));
    expect(await storage.put('k', bodyOf('x'))).toBe('created');
    expect(await keysOf(storage)).toEqual(['k']);
  });

  it('refuses a root that is a file, and names it', async () => {
    const root = join(await makeFolder(), 'file');
    await writeFile(root, 'x');
    const storage = new LocalStorage(root);
    const wrong = refusal('INVALID_OPTIONS', /\/file.*Give the path of a directory/);
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(wrong);
    await expect(keysOf(storage)).rejects.toMatchObject(wrong);
    await expect(readAll(storage.get('k'))).rejects.toMatchObject(wrong);
  });

  it('accepts a root that is a symbolic link', async () => {
    const folder = await makeFolder();
    await mkdir(join(folder, 'real'));
    await symlink('real', join(folder, 'link'));
    const storage = new LocalStorage(join(folder, 'link'));
    expect(await storage.put('a/k', bodyOf('x'))).toBe('created');
    expect(await keysOf(new LocalStorage(join(folder, 'real')))).toEqual(['a/k']);
  });

  it('follows no symbolic link below its root, in put, get or list', async () => {
    const folder = await makeFolder();
    const root = join(folder, 'root');
    await mkdir(join(folder, 'outside'));
    await mkdir(root);
    await writeFile(join(folder, 'outside/secret'), 'secret');
    await symlink('../outside', join(root, 'folder'));
    await symlink('../outside/secret', join(root, 'file'));
    await symlink('nowhere', join(root, 'dangling'));

    const storage = new LocalStorage(root);
    for (const key of ['folder/secret', 'folder/new', 'folder/new/deep', 'file', 'dangling']) {
      const refused = refusal('INVALID_KEY', /symbolic link/);
      await expect(storage.put(key, bodyOf('x')), key).rejects.toMatchObject(refused);
      await expect(readAll(storage.get(key)), key).rejects.toMatchObject(refused);
    }
    expect(await keysOf(storage)).toEqual([]);
    expect(await readdir(join(folder, 'outside'))).toEqual(['secret']);
  });

  it('refuses a key where a folder is, or whose folder is a file', async () => {
    const storage = new LocalStorage(await makeFolder());
    await storage.put('a/b', bodyOf('x'));
    await expect(storage.put('a', bodyOf('x'))).rejects.toMatchObject(refusal('INVALID_KEY', /Use another key/));
    await expect(storage.put('a/b/c', bodyOf('x'))).rejects.toMatchObject(refusal('INVALID_KEY', /Use another key/));
    await expect(readAll(storage.get('a'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not list or open the folder of unfinished files', async () => {
    const root = await makeFolder();
    const storage = new LocalStorage(root);
    await storage.put('k', bodyOf('x'));
    await writeFile(join(root, '~tmp/left-by-a-crash'), 'half');
    expect(await keysOf(storage)).toEqual(['k']);
    expect(await keysOf(storage, '~tmp/')).toEqual([]);
    await expect(storage.put('~tmp/k', bodyOf('x'))).rejects.toMatchObject(refusal('INVALID_KEY', /reserved/));
    await expect(readAll(storage.get('~tmp/left-by-a-crash'))).rejects.toMatchObject({ code: 'INVALID_KEY' });
  });

  it('leaves one name of every object, so that a copy of the directory is a copy of the backup', async () => {
    const root = await makeFolder();
    const storage = new LocalStorage(root);
    await storage.put('k', bodyOf('x'));
    await storage.put('k', bodyOf('x'));
    await expect(storage.put('bad', { ...bodyOf('x'), sizeBytes: 2 })).rejects.toThrow('to have 2 bytes');
    expect(await readdir(join(root, '~tmp'))).toEqual([]);
  });

  it('lists files that were copied there by hand, and files with several names', async () => {
    const root = await makeFolder();
    await mkdir(join(root, 'i/db'), { recursive: true });
    await writeFile(join(root, 'i/db/a.gz'), 'x');
    await link(join(root, 'i/db/a.gz'), join(root, 'i/db/b.gz'));
    expect(await keysOf(new LocalStorage(root))).toEqual(['i/db/a.gz', 'i/db/b.gz']);
  });
});
