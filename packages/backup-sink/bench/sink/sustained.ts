import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createGzip } from 'node:zlib';
import { compare, report } from '@ceres/testkit';
import { pool, poolBytes, to, withWriters, writeAt } from './data';
import { bench, gzipLevel, megabytes, withSink } from './harness';

const blockBytes = 1_000_000;

/** Measures the rate from `write()` to the uploaded file against gzip alone on the same bytes, and the delay of the event loop. */
export async function sustained(): Promise<void> {
  const writes = 100_000; // 29 segments: while the first is filled and the last compressed, half of the sink is idle
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
  await compare({ bench, case: 'sustained-vs-gzip', unit: 'MB/s', ours, peer, theirs, rounds: 3 });
  report({ bench, case: 'loop-delay-p99-ms', unit: 'ms', ours: delay.percentile(99) / 1e6 });
}

/** Compresses the same bytes, in the same order. */
async function gzipAlone(bytes: number): Promise<void> {
  const all = Buffer.concat(pool);
  const gzip = createGzip({ level: gzipLevel });
  gzip.resume();
  for (let at = 0; at < bytes; ) {
    const block = all.subarray(at % all.byteLength).subarray(0, Math.min(blockBytes, bytes - at));
    at += block.byteLength;
    if (!gzip.write(block)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  await new Promise((resolve) => gzip.end().once('end', resolve));
}
