// Compares storages with the bare calls that they consist of: `npm run bench -- storage`.
import { compareGets, comparePuts, reportImportTime, startServerThread } from '@ceres/testkit';
import { gcsTransfers } from './cases/gcs-transfer';
import { listHeap } from './cases/list-heap';
import { localPutVsBare } from './cases/local-put';

export async function run(): Promise<void> {
  await localPutVsBare();
  for (const report of [comparePuts, compareGets]) {
    await using server = await startServerThread('FakeGcs');
    await report(gcsTransfers(server));
  }
  await listHeap();
  reportImportTime('storage-gcs', new URL('..', import.meta.url));
}
