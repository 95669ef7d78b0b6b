import { setTimeout as pause } from 'node:timers/promises';
import type { BackupSinkOptions } from '@ceres/backup-sink';
import { report } from '@ceres/testkit';
import { pool, poolBytes, to, withWriters, writeAt } from './data';
import { bench, megabytes, withSink } from './harness';

/** Measures how memory grows while 5 GB go through a storage that is slower than the writes. */
export async function memory(): Promise<void> {
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

/** Returns a storage that takes about 2 MB/s in each of the four uploads. */
function slowStorage(): BackupSinkOptions['storage'] {
  return {
    async put(_key, body) {
      for await (const chunk of body.open()) await pause(chunk.byteLength / 2_000);
      return 'created';
    },
  };
}
