import { StorageError } from '@ceres/storage';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { impatientClock, openSink, raw, SetClock, to, until } from '../sink-harness';

const warning = vi.spyOn(process, 'emitWarning');
beforeEach(() => void warning.mockReset().mockReturnValue(undefined));

/** A storage that fails while it has an error. */
function failing(error?: StorageError) {
  const storage = {
    error,
    puts: 0,
    put: async () => {
      storage.puts += 1;
      if (storage.error !== undefined) throw storage.error;
      return 'created' as const;
    },
  };
  return storage;
}

const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const denied = new StorageError('DENIED', 'No right to create.');
const down = new StorageError('UNAVAILABLE', 'No route to the bucket.');
const sent = () => warning.mock.calls.map(([message, options]) => ({ message: String(message), options }));
const asWarning = { type: 'CeresWarning', code: 'CERES_NOT_STORED' };

describe('a sink without a logger', () => {
  it('warns once per episode that the storage refuses its files', async () => {
    const storage = failing(denied);
    const { sink, spoolDir } = await openSink({ storage, clock: impatientClock });
    await sink.write(to, raw(1));
    await expect(sink.flush()).rejects.toMatchObject({ code: 'PARKED' });
    await sink.write({ ...to, database: 'other' }, raw(2));
    await expect(sink.flush()).rejects.toMatchObject({ code: 'PARKED' });
    expect(sent()).toEqual([{ message: expect.stringContaining(denied.message), options: asWarning }]);
    expect(sent()[0]?.message).toMatch(new RegExp(`${spoolDir}.*refuses.*\`logger\``));

    storage.error = undefined;
    await sink.flush();
    expect(sent()).toHaveLength(1);
    storage.error = denied;
    await sink.write(to, raw(3));
    await expect(sink.flush()).rejects.toMatchObject({ code: 'PARKED' });
    expect(sent()).toHaveLength(2);
  });

  it('warns once when it has retried for a minute by its clock, and again after the next such minute', async () => {
    const clock = new SetClock();
    const storage = failing(down);
    const { sink } = await openSink({ storage, clock });
    const retried = async () => {
      const before = storage.puts;
      await until(() => storage.puts > before + 3);
    };
    for (const [episode, n] of [1, 2].entries()) {
      storage.error = down;
      await sink.write(to, raw(n));
      const flushed = sink.flush();
      await retried();
      clock.nowMs += 59_000;
      await retried();
      expect(sent()).toHaveLength(episode);
      clock.nowMs += 1_000;
      await retried();
      clock.nowMs += 600_000;
      await retried();
      expect(sent()).toHaveLength(episode + 1);
      storage.error = undefined;
      await flushed;
    }
    expect(sent()[0]).toEqual({ message: expect.stringContaining(down.message), options: asWarning });
  });

  it('does not warn if what failed was stored within a minute', async () => {
    const clock = new SetClock();
    const storage = failing(down);
    const { sink } = await openSink({ storage, clock });
    for (const n of [1, 2, 3]) {
      storage.error = down;
      await sink.write(to, raw(n));
      const flushed = sink.flush();
      await until(() => storage.puts > 2);
      clock.nowMs += 40_000;
      storage.error = undefined;
      await flushed;
    }
    expect(sent()).toEqual([]);
  });
});

it('a sink with a logger leaves the process alone', async () => {
  const { sink } = await openSink({ storage: failing(denied), logger });
  await sink.write(to, raw(1));
  await expect(sink.flush()).rejects.toMatchObject({ code: 'PARKED' });
  expect(sent()).toEqual([]);
});
