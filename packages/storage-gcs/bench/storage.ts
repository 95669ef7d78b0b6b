// Compares storages with the bare calls that they consist of: `npm run bench -- storage`.
import { reportImportTime } from '@ceres/testkit';
import { gcsGetVsSdk, gcsPutVsSdk } from './cases/gcs-transfer';
import { listHeap } from './cases/list-heap';
import { localPutVsBare } from './cases/local-put';

export async function run(): Promise<void> {
  await localPutVsBare();
  await gcsPutVsSdk();
  await gcsGetVsSdk();
  await listHeap();
  reportImportTime('storage-gcs', new URL('..', import.meta.url));
}
