import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryStorage, parseKey } from '@ceres/storage';
import { expect, it } from 'vitest';
import {
  errorOf,
  openSink,
  raw,
  SetClock,
  storedNumbers,
  storedTexts,
  temporaryDirectory,
  to,
  until,
} from '../sink-harness';

const hourMs = 3_600_000;

async function storedDays(storage: MemoryStorage): Promise<(string | undefined)[]> {
  return [...(await storedTexts(storage)).keys()].map((key) => parseKey(key)?.day);
}

it('a file is sealed once it is as old as segmentAgeMsMax, and not before', async () => {
  const clock = new SetClock();
  const { sink, storage } = await openSink({ clock, segmentAgeMsMax: 60_000 });
  let sealed = 0;
  sink.on('sealed', () => {
    sealed += 1;
  });
  await sink.write(to, raw(1));
  clock.nowMs += 59_999;
  await sink.write(to, raw(2)); // would seal the file first, were it due
  expect(sealed).toBe(0);
  clock.nowMs += 1;
  await until(() => sink.stats().storedFiles === 1);
  expect(sealed).toBe(1);
  expect(await storedNumbers(storage)).toEqual([1, 2]);
});

it('a new UTC day begins a new file, in the folder of that day', async () => {
  const clock = new SetClock();
  clock.nowMs = Date.UTC(2026, 2, 1, 23, 59, 59, 900);
  const { sink, storage } = await openSink({ clock });
  await sink.write(to, raw(1));
  clock.nowMs = Date.UTC(2026, 2, 2, 0, 0, 0, 100);
  await sink.write(to, raw(2));
  await sink.flush();
  expect(await storedDays(storage)).toEqual(['20260301', '20260302']);
  expect(await storedNumbers(storage)).toEqual([1, 2]);
});

it('a file is sealed at midnight UTC even if there are no writes', async () => {
  const clock = new SetClock();
  const { sink, storage } = await openSink({ clock, segmentAgeMsMax: 86_400_000 });
  await sink.write(to, raw(1));
  clock.nowMs = Date.UTC(2026, 2, 2);
  await until(() => sink.stats().storedFiles === 1);
  expect(await storedDays(storage)).toEqual(['20260301']);
});

it('file names keep the order of the writes when the clock is set back, while the sink runs and across a restart', async () => {
  const clock = new SetClock();
  const spoolDir = await temporaryDirectory();
  const storage = new MemoryStorage();
  const first = await openSink({ clock, spoolDir, storage });
  await first.sink.write(to, raw(1));
  await first.sink.flush();
  clock.nowMs -= hourMs;
  await first.sink.write(to, raw(2));
  await first.sink.close();
  clock.nowMs -= 48 * hourMs;
  const second = await openSink({ clock, spoolDir, storage });
  await second.sink.write(to, raw(3));
  await second.sink.flush();
  expect(await storedNumbers(storage)).toEqual([1, 2, 3]);
  expect(await storedDays(storage)).toEqual(['20260301', '20260301', '20260301']);
});

it("a partition's directory that an operator removed is made again, and every acked write is stored", async () => {
  const { sink, storage, spoolDir } = await openSink();
  await sink.write(to, raw(1));
  await sink.flush();
  await until(() => sink.stats().spooledBytes === 0);
  await rm(join(spoolDir, to.instance), { recursive: true });
  expect(await errorOf(sink.write(to, raw(2)))).toMatchObject({ code: 'SPOOL_UNWRITABLE' });
  await sink.write(to, raw(3));
  await sink.flush();
  expect(await storedNumbers(storage)).toEqual([1, 3]);
});
