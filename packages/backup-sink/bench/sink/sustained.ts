import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createGzip } from 'node:zlib';
import { compare, report } from '@ceres/testkit';
import { pool, poolBytes, to, withWriters, writeAt } from './data';
import { bench, gzipLevel, megabytes, withSink } from './harness';

/** From `write()` to the uploaded file, against the gzip of the same bytes alone; and what it does to the event loop. */
export async function sustained(): Promise<void> {
  const writes = 40_000; // eleven segments: while the first is filled and the last compressed, half of the sink is idle
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
