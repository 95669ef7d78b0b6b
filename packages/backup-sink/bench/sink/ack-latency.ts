import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '@ceres/testkit';
import { to, withWriters, writeAt } from './data';
import { bench, inDirectory, print, withSink } from './harness';

/** Measures the p99 of an ack against the simplest possible group commit of the same sizes. */
export async function ackLatency(): Promise<void> {
  const writes = 4_000;
  const p99 = { ours: [] as number[], theirs: [] as number[] };
  for (let round = -1; round < 5; round += 1) {
    const ours = await withSink({}, (sink) => p99Of(writes, (n) => sink.write(to, writeAt(n))));
    const theirs = await bareGroupCommit((append) => p99Of(writes, (n) => append(writeAt(n).lines)));
    if (round < 0) continue;
    p99.ours.push(ours);
    p99.theirs.push(theirs);
  }
  const [ours, theirs] = [median(p99.ours), median(p99.theirs)];
  print({ bench, case: 'ack-p99-vs-bare', unit: 'ms', ours, peer: 'group-commit append + fdatasync', theirs });
}

async function p99Of(writes: number, write: (n: number) => Promise<unknown>): Promise<number> {
  const latencies = new Float64Array(writes);
  await withWriters(writes, async (n) => {
    const startedMs = performance.now();
    await write(n);
    latencies[n] = performance.now() - startedMs;
  });
  return latencies.sort()[Math.floor(writes * 0.99)] ?? Number.NaN;
}

async function bareGroupCommit<T>(work: (append: (bytes: Uint8Array) => Promise<void>) => Promise<T>): Promise<T> {
  return await inDirectory(async (directory) => {
    const handle = await open(join(directory, 'log'), 'w');
    let queued: { bytes: Uint8Array; resolve: () => void }[] = [];
    let isWriting = false;
    const commit = async () => {
      isWriting = true;
      while (queued.length > 0) {
        const batch = queued;
        queued = [];
        await handle.write(Buffer.concat(batch.map(({ bytes }) => bytes)));
        await handle.datasync();
        for (const { resolve } of batch) resolve();
      }
      isWriting = false;
    };
    const append = (bytes: Uint8Array) =>
      new Promise<void>((resolve) => {
        queued.push({ bytes, resolve });
        if (!isWriting) void commit();
      });
    const result = await work(append);
    await handle.close();
    return result;
  });
}
