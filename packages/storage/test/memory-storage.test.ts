import { describe, expect, it } from 'vitest';
import { bodyOf, keysOf, readAll } from '../src/conformance/helpers';
import { storageConformance } from '../src/conformance/suite';
import { StorageError } from '../src/errors';
import { MemoryStorage } from '../src/memory-storage';

describe('MemoryStorage', () => {
  storageConformance({ describe, it }, async () => new MemoryStorage());

  it('throws the error that its option returns for a call and key', async () => {
    const asked: string[] = [];
    const storage = new MemoryStorage({
      fail: (call, key) => {
        asked.push(`${call} ${key}`);
        return key === 'bad' ? new StorageError('UNAVAILABLE', 'fails on demand', { key }) : undefined;
      },
    });
    await storage.put('good', bodyOf('x'));
    await expect(storage.put('bad', bodyOf('x'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    await expect(readAll(storage.get('bad'))).rejects.toMatchObject({ key: 'bad' });
    expect(await keysOf(storage)).toEqual(['good']);
    expect(asked).toEqual(['put good', 'put bad', 'get bad', 'list ']);
  });

  it('refuses an unknown option and suggests the right one', () => {
    expect(() => new MemoryStorage({ fails: () => undefined } as object)).toThrow('Did you mean `fail`?');
  });
});
