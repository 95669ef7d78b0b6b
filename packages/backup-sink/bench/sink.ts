import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { BackupSink, type BackupSinkOptions, LocalStorage } from '@ceres/backup-sink';
import { compare, type Figure, median, report } from '@ceres/testkit';
import { to, withWriters, writesOf20KB } from './sink/data';

const bench = 'sink';
const gzipLevel = 3;
const pool = writesOf20KB(1_000);
const poolBytes = pool.reduce((sum, { byteLength }) => sum + byteLength, 0);
const megabytes = (bytes: number) => bytes / 1e6;
const writeAt = (n: number) =>
  ({ lines: pool[n % pool.length] ?? pool[0] ?? Buffer.alloc(0), precision: 's' }) as const;

export async function run(): Promise<void> {
  await sustained();
  await ackLatency();
  await manyPartitions();
  await memory();
}

/** From `write()` to the uploaded file, against the gzip of the same bytes alone; and what it does to the event loop. */
async function sustained(): Promise<void> {
  const writes = 6_000;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const ours = async () => {
    await withSink({}, async (sink) => {
      delay.enable();
      await withWriters(writes, (n) => sink.write(to, writeAt(n)));
      await sink.flush();
      delay.disable();
    });
    return megabytes((poolBytes * writes) / pool.length);
  };
  const theirs = async () => {
    await gzipAlone((poolBytes * writes) / pool.length);
    return megabytes((poolBytes * writes) / pool.length);
  };
  const peer = `createGzip level ${gzipLevel}, 1 MB blocks`;
  await compare({ bench, case: 'sustained-vs-gzip', unit: 'MB/s', ours, peer, theirs, rounds: 5 });
  report({ bench, case: 'loop-delay-p99-ms', unit: 'ms', ours: delay.percentile(99) / 1e6 });
}

async function gzipAlone(bytes: number): Promise<void> {
  const block = Buffer.concat(pool).subarray(0, 1_000_000);
  const gzip = createGzip({ level: gzipLevel });
  gzip.resume();
  for (let written = 0; written < bytes; written += block.byteLength) {
    if (!gzip.write(block)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  await new Promise((resolve) => gzip.end().once('end', resolve));
}

/** p99 of an ack, against the barest group commit of the same sizes. */
async function ackLatency(): Promise<void> {
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

/** The same small writes, round-robin over a thousand open partitions, and into one; the first round opens them. */
async function manyPartitions(): Promise<void> {
  const writes = 20_000;
  const small = pool.map((bytes) => bytes.subarray(0, bytes.indexOf(0x0a, 2_000) + 1));
  const into = (sink: BackupSink, partitions: number) => async () => {
    await withWriters(writes, (n) => {
      const lines = small[n % small.length] ?? Buffer.alloc(0);
      return sink.write({ ...to, database: `db_${n % partitions}` }, { lines, precision: 's' });
    });
    return writes;
  };
  const names = { bench, case: 'partitions-1000-vs-1', unit: 'writes/s', peer: 'one partition' };
  await withSink({}, (many) =>
    withSink({}, (one) => compare({ ...names, ours: into(many, 1_000), theirs: into(one, 1), rounds: 3 })),
  );
}

/** 5 GB through a storage that is slower than they come. */
async function memory(): Promise<void> {
  const growth = await withSink({ storage: slowStorage() }, async (sink) => {
    globalThis.gc?.();
    const start = process.memoryUsage().rss;
    let peak = start;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 100);
    await withWriters(5e9 / (poolBytes / pool.length), (n) => sink.write(to, writeAt(n)));
    clearInterval(watch);
    return peak - start;
  });
  report({ bench, case: 'rss-growth-mb', unit: 'MB', ours: megabytes(growth) });
}

/** Takes about 2 MB/s for each of the four uploads. */
function slowStorage(): BackupSinkOptions['storage'] {
  return {
    async put(_key, body) {
      for await (const chunk of body.open()) await pause(chunk.byteLength / 2_000);
      return 'created';
    },
  };
}

async function withSink<T>(options: Partial<BackupSinkOptions>, work: (sink: BackupSink) => Promise<T>): Promise<T> {
  return await inDirectory(async (directory) => {
    const storage = new LocalStorage(join(directory, 'bucket'));
    const spoolDir = join(directory, 'spool');
    const sink = await BackupSink.open({ storage, spoolDir, precision: 's', gzipLevel, ...options });
    const result = await work(sink);
    await sink.close({ timeoutMs: 0 });
    return result;
  });
}

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'ceres-bench-sink-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A latency: less is better, so the ratio is to stay small. */
function print(figure: Omit<Figure, 'ratio' | 'theirs'> & { readonly theirs: number }): void {
  process.stdout.write(`${JSON.stringify({ ...figure, ratio: figure.ours / figure.theirs })}\n`);
}
