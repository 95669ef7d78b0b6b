import { describe, expect, it } from 'vitest';
import { bodyOf, noise, readAll } from '../../src/conformance/helpers';
import type { ObjectReader } from '../../src/contract';
import { StorageError } from '../../src/errors';
import { MemoryStorage } from '../../src/memory-storage';
import { readObject } from '../../src/retry/read-object';
import { FakeClock } from '../fake-clock';

const content = noise(1_000_000);
const options = { clock: new FakeClock(), attemptsMax: 3 };

/** Returns a storage whose every `get` breaks after `limitBytes`, and where each `get` was asked to begin. */
async function breakingAfter(limitBytes: number, error: Error) {
  const storage = new MemoryStorage();
  await storage.put('k', bodyOf(content));
  const starts: number[] = [];
  const closed: number[] = [];
  const get: ObjectReader['get'] = async function* (key, range = {}) {
    starts.push(range.start ?? 0);
    let bytes = 0;
    try {
      for await (const chunk of storage.get(key, range)) {
        if (bytes >= limitBytes) throw error;
        bytes += chunk.byteLength;
        yield chunk;
      }
    } finally {
      closed.push(range.start ?? 0);
    }
  };
  return { starts, closed, reader: { get, list: storage.list.bind(storage) } };
}

const broken = new StorageError('UNAVAILABLE', 'connection lost');

describe('readObject', () => {
  it('goes on at the next byte, however often the get breaks', async () => {
    const { reader, starts } = await breakingAfter(200_000, broken);
    const bytes = await readAll(readObject(reader, 'k', options));
    expect(bytes.compare(content)).toBe(0);
    expect(starts).toEqual([0, 262_144, 524_288, 786_432]);
  });

  it('gives up after the allowed number of attempts without a byte between them', async () => {
    const { reader, starts } = await breakingAfter(0, broken);
    await expect(readAll(readObject(reader, 'k', options))).rejects.toBe(broken);
    expect(starts).toEqual([0, 0, 0]);
  });

  it('does not retry what cannot succeed', async () => {
    const missing = readAll(readObject(new MemoryStorage(), 'missing', options));
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('closes the get when its reader stops', async () => {
    const { reader, closed } = await breakingAfter(Infinity, broken);
    for await (const _ of readObject(reader, 'k', options)) break;
    await new Promise(setImmediate);
    expect(closed).toEqual([0]);
  });

  it('abandons a get that hangs at the deadline, and aborts its signal', async () => {
    const storage = new MemoryStorage();
    await storage.put('k', bodyOf(content));
    const signals: (AbortSignal | undefined)[] = [];
    const get: ObjectReader['get'] = async function* (key, range = {}) {
      signals.push(range.signal);
      if (signals.length === 1) await new Promise(() => undefined);
      yield* storage.get(key, range);
    };
    const hanging = readAll(readObject({ get, list: storage.list.bind(storage) }, 'k', { deadlineMs: 5 }));
    await expect(hanging).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(signals[0]?.aborted).toBe(true);
  });
});
