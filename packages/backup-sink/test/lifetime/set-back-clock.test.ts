import { MemoryStorage, StorageError } from '@ceres/storage';
import { expect, it } from 'vitest';
import { steadyClock } from '../../src/scheduling/steady-clock';
import { openSink, raw, SetClock, storedNumbers, temporaryDirectory, to, until } from '../sink-harness';

const hourMs = 3_600_000;

const down = () => new MemoryStorage({ fail: () => new StorageError('UNAVAILABLE', 'no network') });

it('a file is sealed by its age although the clock was set back after it was opened', async () => {
  const clock = new SetClock();
  const { sink, storage } = await openSink({ clock, segmentAgeMsMax: 60_000 });
  await sink.write(to, raw(1));
  clock.nowMs -= hourMs;
  sink.stats();
  clock.nowMs += 60_000;
  await until(() => sink.stats().storedFiles === 1);
  expect(await storedNumbers(storage)).toEqual([1]);
});

it('the age of unstored lines keeps growing when the clock is set back', async () => {
  const clock = new SetClock();
  const { sink } = await openSink({ clock, storage: down() });
  await sink.write(to, raw(1));
  clock.nowMs += 5_000;
  expect(sink.stats().oldestUnstoredMs).toBe(5_000);
  clock.nowMs -= hourMs;
  expect(sink.stats().oldestUnstoredMs).toBe(5_000);
  clock.nowMs += 2_000;
  expect(sink.stats().oldestUnstoredMs).toBe(7_000);
});

it('the age of a found file whose name is later than the clock counts from the open', async () => {
  const clock = new SetClock();
  const spoolDir = await temporaryDirectory();
  const first = await openSink({ clock, spoolDir, storage: down() });
  await first.sink.write(to, raw(1));
  await first.sink.close({ timeoutMs: 0 });
  clock.nowMs -= hourMs;
  const { sink } = await openSink({ clock, spoolDir, storage: down() });
  clock.nowMs += 3_000;
  expect(sink.stats().oldestUnstoredMs).toBe(3_000);
});

it('a parked file is retried after an hour although the clock was set back', async () => {
  const clock = new SetClock();
  let isDenied = true;
  const storage = new MemoryStorage({ fail: () => (isDenied ? new StorageError('DENIED', 'no') : undefined) });
  const { sink } = await openSink({ clock, storage });
  await sink.write(to, raw(1));
  await sink.flush().catch(() => undefined);
  isDenied = false;
  clock.nowMs -= 2 * hourMs;
  sink.stats();
  clock.nowMs += hourMs;
  await until(() => sink.stats().storedFiles === 1);
});

it('a steady clock goes on from where it was when the clock below is set back, and forward with it', () => {
  const clock = new SetClock();
  const steady = steadyClock(clock);
  const startMs = steady.now();
  clock.nowMs -= 100;
  expect(steady.now()).toBe(startMs);
  clock.nowMs += 30;
  expect(steady.now()).toBe(startMs + 30);
  clock.nowMs -= 1_000;
  expect(steady.now()).toBe(startMs + 30);
});
