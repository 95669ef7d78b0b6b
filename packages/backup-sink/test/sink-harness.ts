import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Clock, systemClock } from '@ceres/internal';
import { MemoryStorage, type ObjectReader } from '@ceres/storage';
import { onTestFinished } from 'vitest';
import { BackupSink, type BackupSinkOptions } from '../src/index';

export const to = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: 'rp_5d' };

/** Makes a directory that is removed after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ceres-sink-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Opens a sink on a real directory and a bucket in memory; it is closed after the test. It keeps no ledger unless `heartbeatMs` is given. */
export async function openSink(options: Partial<BackupSinkOptions> = {}) {
  const storage = options.storage ?? new MemoryStorage();
  const spoolDir = options.spoolDir ?? (await temporaryDirectory());
  const sink = await BackupSink.open({ precision: 's', heartbeatMs: Infinity, ...options, storage, spoolDir });
  onTestFinished(async () => {
    await sink.close({ timeoutMs: 0 });
  });
  return { sink, storage: storage as MemoryStorage, spoolDir };
}

/** A clock whose pauses end soon, so that the next attempt comes at once. */
export const impatientClock: Clock = {
  now: () => Date.now(),
  sleep: (_ms, signal) => systemClock.sleep(1, signal),
};

/** A clock that stands still until it is set; its pauses end soon. */
export class SetClock implements Clock {
  nowMs = Date.UTC(2026, 2, 1, 12);

  now(): number {
    return this.nowMs;
  }

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(1, signal);
  }
}

/** Returns the line of one second. */
export function line(n: number, field = 'v=1i'): string {
  return `m,n=${n} ${field} ${1_700_000_000 + n}\n`;
}

/** Returns raw lines with these numbers. */
export function raw(...numbers: number[]) {
  return { lines: numbers.map((n) => line(n)).join(''), precision: 's' } as const;
}

/** Returns the text of every stored file, by key, in the order of the keys. Heartbeats are left out. */
export async function storedTexts(storage: ObjectReader): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { key } of storage.list('')) {
    if (key.startsWith('~heartbeat/')) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of storage.get(key)) chunks.push(chunk);
    texts.set(key, gunzipSync(Buffer.concat(chunks)).toString());
  }
  return texts;
}

/** Returns the numbers of the stored lines, in the order of a replay. */
export async function storedNumbers(storage: ObjectReader): Promise<number[]> {
  const texts = [...(await storedTexts(storage))].filter(([key]) => !key.startsWith('~quarantine/'));
  return texts.flatMap(([, text]) => [...text.matchAll(/^m,n=(\d+) /gm)].map((match) => Number(match[1])));
}

/** Returns what a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('The promise was expected to reject, and resolved.');
}

/** Waits until `isSo` returns true. A test that waits in vain ends with its timeout. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}
