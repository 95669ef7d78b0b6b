// Storages against the bare calls they are made of: `npm run bench -- storage`.
import { gcsGetVsSdk, gcsPutVsSdk } from './cases/gcs-transfer';
import { listHeap } from './cases/list-heap';
import { localPutVsBare } from './cases/local-put';

export async function run(): Promise<void> {
  await localPutVsBare();
  await gcsPutVsSdk();
  await gcsGetVsSdk();
  await listHeap();
}
