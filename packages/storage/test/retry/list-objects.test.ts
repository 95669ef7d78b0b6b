import { describe, expect, it } from 'vitest';
import { bodyOf } from '../../src/conformance/helpers';
import type { ObjectReader } from '../../src/contract';
import { StorageError } from '../../src/errors';
import { MemoryStorage } from '../../src/memory-storage';
import { listObjects } from '../../src/retry/list-objects';
import { FakeClock } from '../fake-clock';

const options = { clock: new FakeClock(), attemptsMax: 3 };
const keys = Array.from({ length: 25 }, (_, i) => `i/db/${String(i).padStart(3, '0')}`);
const broken = new StorageError('UNAVAILABLE', 'connection lost');

/** Returns a storage whose every `list` breaks after `limit` keys, and where each `list` was asked to begin. */
async function breakingAfter(limit: number, error: Error) {
  const storage = new MemoryStorage();
  for (const key of [...keys, 'other']) await storage.put(key, bodyOf(key));
  const starts: (string | undefined)[] = [];
  const list: ObjectReader['list'] = async function* (prefix, asked = {}) {
    starts.push(asked.startAfter);
    let listed = 0;
    for await (const info of storage.list(prefix, asked)) {
      if (listed === limit) throw error;
      listed += 1;
      yield info;
    }
  };
  return { starts, reader: { list, get: storage.get.bind(storage) } };
}

async function keysOf(listing: AsyncIterable<{ readonly key: string }>): Promise<string[]> {
  const found = [];
  for await (const { key } of listing) found.push(key);
  return found;
}

describe('listObjects', () => {
  it('goes on after the last key, however often the listing breaks, and lists every key once', async () => {
    const { reader, starts } = await breakingAfter(10, broken);
    expect(await keysOf(listObjects(reader, 'i/', options))).toEqual(keys);
    expect(starts).toEqual([undefined, keys[9], keys[19]]);
  });

  it('gives up after the allowed number of attempts without a key between them', async () => {
    const { reader, starts } = await breakingAfter(0, broken);
    await expect(keysOf(listObjects(reader, 'i/', options))).rejects.toBe(broken);
    expect(starts).toEqual([undefined, undefined, undefined]);
  });

  it('does not retry what cannot succeed', async () => {
    const denied = new StorageError('DENIED', 'no');
    const { reader, starts } = await breakingAfter(10, denied);
    await expect(keysOf(listObjects(reader, 'i/', options))).rejects.toBe(denied);
    expect(starts).toEqual([undefined]);
  });

  it('rejects with the reason of the signal while a listing hangs', async () => {
    const reason = new Error('shutting down');
    const controller = new AbortController();
    const seen: (AbortSignal | undefined)[] = [];
    const hanging: ObjectReader['list'] = (_, asked) => {
      seen.push(asked?.signal);
      return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    };
    const reader = { list: hanging, get: new MemoryStorage().get };
    const listing = keysOf(listObjects(reader, '', { signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 1);
    await expect(listing).rejects.toBe(reason);
    expect(seen[0]?.aborted).toBe(true);
  });
});
