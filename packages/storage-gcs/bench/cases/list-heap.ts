import { GcsStorage } from '@ceres/storage-gcs';
import { report } from '@ceres/testkit';
import { startServer } from './server-thread';

const keys = 1_000_000;

/** Reports how far the live heap grows while a million keys are listed. */
export async function listHeap(): Promise<void> {
  await using server = await startServer(keys);
  const storage = new GcsStorage({ bucket: 'test-bucket', apiEndpoint: server.url });
  const before = liveHeapBytes();
  let most = before;
  let seen = 0;
  for await (const _ of storage.list('')) {
    seen += 1;
    if (seen % 50_000 === 0) most = Math.max(most, liveHeapBytes());
  }
  if (seen !== keys) throw new Error(`The listing returned ${seen} of ${keys} keys.`);
  report({ bench: 'storage', case: 'list-heap-mb', unit: 'MB', ours: (most - before) / 1e6 });
}

function liveHeapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('Run with --expose-gc, as `npm run bench` does.');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
