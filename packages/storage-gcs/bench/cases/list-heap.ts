import { GcsStorage } from '@ceres/storage-gcs';
import { reportListHeap, startServerThread } from '@ceres/testkit';

const keys = 1_000_000;

export async function listHeap(): Promise<void> {
  await using server = await startServerThread('FakeGcs', keys);
  const storage = new GcsStorage({ bucket: 'test-bucket', apiEndpoint: server.url });
  await reportListHeap('list-heap-mb', storage.list(''), keys);
}
