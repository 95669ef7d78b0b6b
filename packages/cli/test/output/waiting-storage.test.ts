import { PassThrough } from 'node:stream';
import { MemoryStorage, type ObjectReader, StorageError } from '@ceres/storage';
import { describe, expect, it } from 'vitest';
import { sayingWhyItWaits } from '../../src/output/waiting-storage';

function watched(storage: ObjectReader) {
  const stderr = new PassThrough();
  const [stdin, stdout, signal] = [new PassThrough(), new PassThrough(), new AbortController().signal];
  const terminal = { argv: [], stdin, stdout, stderr, env: {}, signal };
  return { storage: sayingWhyItWaits(storage, terminal), said: () => String(stderr.read() ?? '') };
}

/** Reads a listing, and what is wrong with it. */
async function list(storage: ObjectReader): Promise<unknown> {
  try {
    return await all(storage.list(''));
  } catch (error) {
    return error;
  }
}

describe('A storage that a command waits for', () => {
  it('says at the first attempt why it does not answer, and not again', async () => {
    const error = new StorageError('UNAVAILABLE', 'There is no key file: set GOOGLE_APPLICATION_CREDENTIALS.');
    const { storage, said } = watched(new MemoryStorage({ fail: () => error }));
    expect([await list(storage), await list(storage)]).toEqual([error, error]);
    expect(said()).toBe(`ceres: retrying, because the storage does not answer yet: ${error.message}\n`);
  });

  it('says nothing of an error that ends the command, nor of a storage that answers', async () => {
    const denied = watched(new MemoryStorage({ fail: () => new StorageError('DENIED', 'no') }));
    await list(denied.storage);
    const good = watched(new MemoryStorage());
    expect([await list(good.storage), denied.said(), good.said()]).toEqual([[], '', '']);
  });
});

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}
